/** The package as npm packs it, in a folder outside the project, on each Node that this machine has. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { featureFlags } from '../../lib/feature-flags.ts';
import { programSummaries } from '../../local/cli/command-names.ts';
import { ProspectLake } from '../../lib/prospect-lake.ts';

const root = resolve(import.meta.dirname, '../..');
const long = { timeout: 240_000 };
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const modules = join(folder, 'node_modules');
const installed = join(modules, 'prospect-lake');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const versionOf = (node: string) => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
/** One Node of each version: the one that runs this test, and those on the PATH. */
const nodes = new Map(
  [process.execPath, ...(process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'node'))]
    .filter((node) => existsSync(node))
    .map((node) => [versionOf(node), node]),
);

/** Lays out the package as npm installs it, with its dependencies beside it. */
beforeAll(() => {
  mkdirSync(installed, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components', '1']);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== 'prospect-lake' && name !== 'esbuild' && name !== 'cdk-nag')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  cpSync(join(root, 'examples/cdk-app'), folder, { recursive: true });
}, 240_000);

function run(node: string, file: string, args: readonly string[] = [], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(node, [file, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  });
  return { status, stdout, stderr };
}
const program = (node: string, ...args: string[]) => run(node, join(installed, 'bin/prospect-lake.js'), args);

const template = z.object({ Resources: z.record(z.string(), z.looseObject({})) });
function resourcesIn(assembly: string): unknown[] {
  const files = readdirSync(assembly).filter((name) => /^(main|Lake)/.test(name) && name.endsWith('.template.json'));
  return files.toSorted().map((file) => {
    const { Resources } = template.parse(JSON.parse(readFileSync(join(assembly, file), 'utf8')));
    // Metadata has the path of the construct, which the app decides.
    return Object.fromEntries(
      Object.entries(Resources).map(([id, resource]) => [id, { ...resource, Metadata: undefined }]),
    );
  });
}

it('the example has the versions of this project', () => {
  const manifest = z.object({
    version: z.string().optional(),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()).optional(),
  });
  const of = (file: string) => manifest.parse(JSON.parse(readFileSync(join(root, file), 'utf8')));
  const ours = of('package.json');
  const example = of('examples/cdk-app/package.json');
  expect(example.devDependencies).toEqual({ 'aws-cdk': ours.devDependencies?.['aws-cdk'] });
  expect(example.dependencies).toEqual({
    'aws-cdk-lib': ours.devDependencies?.['aws-cdk-lib'],
    constructs: ours.devDependencies?.['constructs'],
    'prospect-lake': `file:prospect-lake-${ours.version}.tgz`,
  });
});

it('the package has JavaScript and types, the dbt models and the examples, and neither tests nor TypeScript sources', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(expect.arrayContaining(['dist/lib/index.js', 'dist/lib/index.d.ts', 'docs/library.md']));
  const tracked = execFileSync('git', ['ls-files', 'dbt', 'examples'], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n');
  const linked = (file: string) => /^(dbt|examples)\/.*\.\w+$/.test(file);
  expect(files.filter(linked).toSorted()).toEqual(
    tracked.filter((file) => !/^dbt\/(tests|\.git)/.test(file)).toSorted(),
  );
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith('examples/'))).toEqual([]);
  expect(files.filter((file) => /\.test\.|\btest\//.test(file))).toEqual([]);
});

it('its types explain the fields of the configuration to an editor', () => {
  const types = (file: string) => readFileSync(join(installed, 'dist', file), 'utf8');
  expect(types('lib/config/workspace-input.d.ts')).toMatch(/\*\/\s+customColumns\?: \{/);
  for (const field of ['type', 'field', 'description', 'personal'])
    expect(types('lambdas/contract/custom-columns.d.ts')).toMatch(new RegExp(`\\*/\\s+${field}\\??:`));
});

describe.each([...nodes])('on Node %s', (_, node) => {
  it('the program starts', () => {
    expect(program(node, '--help')).toMatchObject({ status: 0, stderr: '' });
    expect(program(node, '--version').stdout).toMatch(/^\d+\.\d+\.\d+ \(commit [0-9a-f]{10}(-dirty)?\)\n$/);
    expect(program(node, 'scopes')).toMatchObject({ status: 0, stdout: expect.stringContaining("'main' needs") });
  });

  it.each(Object.keys(programSummaries))('shows the help of %s', (name) => {
    expect(program(node, name, '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`Usage: npx prospect-lake ${name}`),
      stderr: '',
    });
  });

  it('an app without feature flags gives the templates and functions of this project', long, () => {
    const outdir = join(folder, `out-${versionOf(node)}`);
    const { status, stderr } = run(node, 'app.js', [], { CDK_OUTDIR: outdir });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('Bundling')]);
    const place = { account: '111122223333', region: 'eu-central-1' };
    const ours = join(folder, 'ours');
    const app = new App({ outdir: ours, context: featureFlags() });
    new ProspectLake(app, 'Lake', { config: { name: 'main', ...place } });
    app.synth();
    expect(resourcesIn(outdir)).toEqual(resourcesIn(ours));
    const reports = readFileSync(join(outdir, 'Reports.template.json'), 'utf8');
    for (const part of ['/current/*', '/lake/*', 'athena:StartQueryExecution', 'glue:GetTable'])
      expect(reports).toContain(part);
  });

  it('an app that makes its key gives the key the permissions of the services', long, () => {
    const outdir = join(folder, `key-${versionOf(node)}`);
    const { status, stderr } = run(node, 'app-with-key.js', [], { CDK_OUTDIR: outdir });
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/key-policy/)]);
    const keys = readFileSync(join(outdir, 'Keys.template.json'), 'utf8');
    for (const service of ['logs.eu-central-1', 'cloudwatch', 'events'])
      expect(keys).toContain(`"Service": "${service}.amazonaws.com"`);
  });

  it('an app can post problems to chats and mail the nights', long, () => {
    const outdir = join(folder, `notices-${versionOf(node)}`);
    const { status, stderr } = run(node, 'app-with-notices.js', [], { CDK_OUTDIR: outdir });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    const notices = readFileSync(join(outdir, 'ProspectLake-main-Notices.template.json'), 'utf8');
    for (const part of [
      '{{resolve:secretsmanager:prospect-lake/slack:',
      'data@example.com',
      'ProspectLake-main-Pipeline',
    ])
      expect(notices).toContain(part);
  });

  it('reads the configuration of the folder in which it runs', () => {
    writeFileSync(
      join(folder, 'prospect-lake.config.mjs'),
      "import { defineConfig } from 'prospect-lake';\nexport const workspaces = defineConfig([{ name: 'theirs' }]);",
    );
    expect(program(node, 'scopes')).toMatchObject({ status: 0, stdout: expect.stringContaining("'theirs' needs") });
    rmSync(join(folder, 'prospect-lake.config.mjs'));
  });

  it('a command that needs Node 24 runs, or says how it runs', long, () => {
    const { status, stdout, stderr } = program(node, 'start', '--leads', '10', '--streams', 'leads');
    if (versionOf(node).startsWith('v24.')) expect([status, stdout]).toEqual([0, expect.stringContaining('complete')]);
    else
      expect([status, stderr]).toEqual([
        2,
        expect.stringContaining('npx --yes --package node@24 -- prospect-lake start'),
      ]);
  });
});

it('the example of two workspaces works beside the package', () => {
  cpSync(join(root, 'examples/two-workspaces.config.ts'), join(folder, 'prospect-lake.config.ts'));
  const { status, stdout } = program(process.execPath, 'scopes');
  rmSync(join(folder, 'prospect-lake.config.ts'));
  expect([status, stdout]).toEqual([0, expect.stringMatching(/'sales' needs[\s\S]*'partners' needs/)]);
});

describe('without a package that was left out', () => {
  const advice =
    'This command needs @duckdb/node-api, an optional package that is not installed. Install it: npm install @duckdb/node-api\n';

  beforeAll(() => rmSync(join(modules, '@duckdb')));

  it('a command that needs it says which', () => {
    const { status, stderr } = program(process.execPath, 'query', 'SELECT 1');
    expect([status, stderr]).toEqual([2, advice]);
  });

  it('a run ends complete, and says why it answers no question', long, () => {
    const { status, stdout } = program(
      process.execPath,
      'start',
      '--leads',
      '10',
      '--streams',
      'leads',
      '--out',
      'other',
    );
    expect([status, stdout]).toEqual([0, expect.stringContaining(`The tables cannot be queried. ${advice}`)]);
  });
});
