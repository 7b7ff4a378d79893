import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const linked = [
  'bin',
  'cdk.json',
  'cost',
  'doctor',
  'lambdas',
  'lib',
  'local',
  'node_modules',
  'ops',
  'package.json',
  'policies',
  'program',
  'tools',
];

/** The project under another path, with its own configuration. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'project-'));

  constructor() {
    for (const name of linked) symlinkSync(join(root, name), join(this.folder, name));
  }

  configure(text: string | undefined): void {
    const file = join(this.folder, 'prospect-lake.config.ts');
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }

  run(script: string, ...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
    // Otherwise Node follows the links and finds the configuration of the real project.
    const links = ['--preserve-symlinks', '--preserve-symlinks-main'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...links, join(this.folder, script), ...args], {
      cwd: this.folder,
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
