import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs Python packages into a folder of the project that git ignores, unless the same ones are installed.
 * @param lists files of pinned packages
 * @returns the folder of their programs, `python` among them
 * @throws Error if Python 3.10 or newer with venv is missing, or the package index cannot be reached
 */
export function installPython(folder: string, lists: readonly string[]): string {
  const programs = join(folder, 'bin');
  const stamp = join(folder, 'installed.txt');
  const wanted = lists.map((list) => readFileSync(list, 'utf8')).join('');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return programs;
  process.stdout.write(`Installing ${wanted.trim().split('\n').join(', ')} …\n`);
  rmSync(stamp, { force: true });
  mkdirSync(folder, { recursive: true });
  const python = join(programs, 'python');
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const chosen = lists.flatMap((list) => ['-r', list]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  execFileSync(python, [...pip, ...chosen], { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
  return programs;
}
