import { describe, expect, it } from 'vitest';
import { columnTypes } from '../../lambdas/contract/column-types.ts';
import { tableOf } from '../../lambdas/contract/stream.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { dataDictionary } from '../../tools/data-dictionary.ts';

const text = dataDictionary();
const sections = new Map(text.split(/^### /m).map((section) => [section.split('\n', 1)[0], section]));

describe('the data dictionary', () => {
  it.each([...streams.map(tableOf), ...ownTables])('has each column of $name, with its description', (table) => {
    const section = sections.get(table.name) ?? '';
    expect(section).toContain(table.description);
    for (const [column, { type, description, personal }] of Object.entries(table.columns)) {
      const row = section.split('\n').find((line) => line.startsWith(`| \`${column}\` |`));
      const marks = [
        ...(table.key.includes(column) ? ['key'] : []),
        ...(personal ? [`personal data: ${personal}`] : []),
      ].join(', ');
      const cells = [`\`${column}\``, type, `\`${columnTypes[type].glue}\``, marks, description];
      expect(row?.slice(2, -2).split(' | ')).toEqual(cells);
    }
  });

  it.each(streams)('says where $name comes from and which scope it needs', ({ name, path, scope, detail }) => {
    const section = sections.get(name);
    expect(section).toContain(`\`GET ${path}\``);
    expect(section).toContain(`the scope \`${scope}\``);
    if (detail) expect(section).toContain(`\`GET ${detail.path}\``);
  });

  it('says how a table is read: by changes, completely, below a parent, or as one row', () => {
    expect(sections.get('leads')).toContain('Read by what changed (`updated_at` after the watermark');
    expect(sections.get('campaigns')).toContain('The whole list is read in each run.');
    expect(sections.get('campaign_runs')).toContain('Read for each row of `campaigns` each night');
    expect(sections.get('lead_messages')).toContain(
      'when the row is new or changed, once more in the run after that, when `inbox_threads` hints at it',
    );
    expect(sections.get('identity')).toContain('One row.');
  });
});
