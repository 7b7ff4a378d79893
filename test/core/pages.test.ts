import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../lambdas/core/errors.ts';
import { sortLines } from '../../lambdas/core/page-sorter.ts';
import { readPages, start } from '../../lambdas/core/pages.ts';
import { parseRawLine } from '../../lambdas/core/raw-line.ts';
import { createRowParser } from '../../lambdas/core/rows.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { FakeApi } from '../support/fake-api.ts';
import { ample, FixedClock } from '../support/fixed-clock.ts';

const clock = new FixedClock('2026-11-24T02:00:00.000Z');
const selection = { kind: 'ids' as const, ids: ['here', 'gone'] };

async function linesOf(): Promise<string[]> {
  const api = new FakeApi(
    {
      '/leads/{lead_id}': ({ pathParameters }) => {
        if (pathParameters['lead_id'] === 'gone') throw new NotFoundError('gone', { requestId: 'req_404' });
        return { data: { id: 'here', object: 'lead' } };
      },
    },
    clock,
  );
  const lines: string[] = [];
  const reading = { stream: leads, selection, api, clock, deadline: ample, pageSize: 100, cursors: new Set<string>() };
  for await (const page of readPages(reading, start)) lines.push(...page.lines);
  return lines;
}

describe('a row that was asked for by its id and is gone', () => {
  it('becomes a tombstone that says when, and by which answer', async () => {
    const [, line = ''] = await linesOf();
    expect(createRowParser(leads, 'refresh-1').parse(parseRawLine(line))).toMatchObject({
      row: { id: 'gone', full_name: null, _deleted_at: new Date('2026-11-24T02:00:00.000Z'), _request_id: 'req_404' },
    });
  });

  it('is landed, but its children are not asked for', async () => {
    const sorted = sortLines(
      { stream: leads, selection, hasChildren: true, seen: new Map() },
      await linesOf(),
      new Map(),
    );
    expect(sorted.lines).toHaveLength(2);
    expect(sorted.parents).toEqual(['here']);
  });
});
