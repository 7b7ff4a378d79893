/** Each of the examples/ works unchanged. test/long/package.test.ts tests those that need the package. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLake } from '../../../local/run/lake.ts';

const root = join(import.meta.dirname, '../../..');
const examples = join(root, 'examples');
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('every example is tested here or with the package', () => {
  expect(readdirSync(examples).toSorted()).toEqual([
    'README.md',
    'cdk-app',
    'stale-tables.sql',
    'two-workspaces.config.ts',
  ]);
});

it('stale-tables.sql runs on local tables', async () => {
  const lake = await openLake(folder);
  const sql = readFileSync(join(examples, 'stale-tables.sql'), 'utf8');
  expect((await lake.runAndReadAll(sql)).columnNames()).toEqual(['table_name', 'last_complete']);
  lake.closeSync();
});
