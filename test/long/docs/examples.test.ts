/** Each of the examples/ works unchanged. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { workspaces } from '../../../examples/two-workspaces.config.ts';
import { openLake } from '../../../local/run/lake.ts';

const root = join(import.meta.dirname, '../../..');
const examples = join(root, 'examples');
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('every example is tested here', () => {
  expect(readdirSync(examples).toSorted()).toEqual([
    'README.md',
    'cdk-app',
    'notices.ts',
    'stale-tables.sql',
    'two-workspaces.config.ts',
  ]);
});

it('cdk-app can be synthesized outside the project, with the lake and a stack that reads it', {
  timeout: 120_000,
}, () => {
  cpSync(join(examples, 'cdk-app'), folder, { recursive: true });
  symlinkSync(root, join(folder, 'prospect-lake'));
  // As npm installs a workspace: it has no node_modules of its own.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { app } = z.object({ app: z.string() }).parse(JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8')));
  const out = join(folder, 'out');
  const { status, stderr } = spawnSync(app, {
    cwd: folder,
    shell: true,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [] }),
    },
  });
  expect(status, stderr).toBe(0);
  expect(readdirSync(out).filter((file) => file.endsWith('.template.json'))).toHaveLength(3);
  const reports = readFileSync(join(out, 'Reports.template.json'), 'utf8');
  expect(reports).toContain('s3:GetObject*');
  expect(reports).toContain('/lake/*');
});

it('cdk-app has the versions of this project', () => {
  const versions = z.object({ dependencies: z.record(z.string(), z.string()) });
  const of = (file: string) => versions.parse(JSON.parse(readFileSync(join(root, file), 'utf8'))).dependencies;
  expect(of('package.json')).toMatchObject(of('examples/cdk-app/package.json'));
});

it('two-workspaces.config.ts passes the checks of the configuration', () => {
  expect(workspaces.map(({ name }) => name)).toEqual(['sales', 'partners']);
});

it('stale-tables.sql runs on local tables', async () => {
  const lake = await openLake(folder);
  const sql = readFileSync(join(examples, 'stale-tables.sql'), 'utf8');
  expect((await lake.runAndReadAll(sql)).columnNames()).toEqual(['table_name', 'last_complete']);
  lake.closeSync();
});
