import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseWorkspace } from '../../../lib/config/config.ts';
import { templatesOf } from '../templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'queries-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

it('queries of a folder are saved in Athena beside ours, with the comment at their beginning as description', () => {
  const sql = '-- Leads that became customers,\n-- by month.\nSELECT 1 -- one\n';
  const { data } = templatesOf({ queries: folderOf('good', { 'won_leads.sql': sql, 'notes.md': 'not SQL' }) });
  data.hasResourceProperties('AWS::Athena::NamedQuery', {
    Name: 'won_leads',
    Description: 'Leads that became customers, by month.',
    QueryString: sql.trim(),
  });
  data.hasResourceProperties('AWS::Athena::NamedQuery', { Name: 'lead_funnel' });
});

describe('a folder of queries', () => {
  it.each([
    ['no file', {}, /queries: there is no \.sql file in /],
    ['a name of ours', { 'lead_funnel.sql': 'SELECT 1' }, /there is a query 'lead_funnel' already; rename the file/],
    ['a name that is hard to type', { 'Won leads.sql': 'SELECT 1' }, /name the file in lower-case letters/],
    ['a file without SQL', { 'empty.sql': '-- Later.\n' }, /empty\.sql: has no SQL/],
    [
      'a text that is too long',
      { 'long.sql': `SELECT '${'x'.repeat(262_144)}'` },
      /long\.sql: is longer than the 262144/,
    ],
  ])('is refused with %s', (name, files, message) => {
    const queries = folderOf(name, files);
    expect(() => parseWorkspace({ name: 'main', queries })).toThrow(message);
  });

  it('has to exist', () => {
    expect(() => parseWorkspace({ name: 'main', queries: join(folder, 'none') })).toThrow(
      /queries: cannot be read: ENOENT/,
    );
  });
});
