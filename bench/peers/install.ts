import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.cache/peers', import.meta.url));

/**
 * Installs a peer's pinned packages, unless they are installed. Each peer has its own environment, because their
 * packages need different versions of the same ones.
 * @returns the folder of its programs
 * @throws Error if Python or a package is missing
 */
export function installPeer(name: string): string {
  const list = fileURLToPath(new URL(`requirements/${name}.txt`, import.meta.url));
  const folder = join(cache, name);
  const programs = join(folder, 'bin');
  const stamp = join(folder, 'installed.txt');
  const wanted = readFileSync(list, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return programs;
  mkdirSync(cache, { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  run(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list]);
  writeFileSync(stamp, wanted);
  return programs;
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(' ')} failed${error ? ` (${error.message})` : ''}. The race needs Python 3.10 or newer with venv, and PyPI.`,
    );
}
