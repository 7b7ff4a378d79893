import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpoints } from '../../bench/peers/endpoints.ts';
import { leastRequests } from '../../bench/peers/least-requests.ts';
import { recordsByStream } from '../../bench/peers/message-rows.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';

const page = z.object({
  data: z.array(z.looseObject({ id: z.string().optional() })),
  pagination: z.object({ next_cursor: z.string().nullable() }),
});
const pageSize = 30;
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ leads: 70, pageSize });
});
afterAll(() => simulator.stop());

async function get(path: string, query: Record<string, string>): Promise<unknown> {
  const answer = await fetch(`${simulator.baseUrl}${path}?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: `Bearer ${simulator.apiKey}` },
  });
  return answer.json();
}

/** Reads a list as simply as possible. @returns the ids of its rows */
async function idsOf(path: string, hasLimit: boolean): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = { ...(hasLimit ? { limit: String(pageSize) } : {}), ...(cursor ? { cursor } : {}) };
    const { data, pagination } = page.parse(await get(path, query));
    ids.push(...data.flatMap(({ id }) => id ?? []));
    cursor = pagination.next_cursor;
  }
  return ids;
}

describe('the least number of requests of a race', () => {
  it('is what the simplest possible reader of all endpoints needs', async () => {
    simulator.clearRequests();
    const read = new Map<string, string[]>();
    for (const { name, path, parent, isList, hasLimit } of endpoints) {
      const parents = parent === null ? [''] : (read.get(parent) ?? []);
      const ids: string[] = [];
      for (const id of parents) {
        if (isList) ids.push(...(await idsOf(path.replace('{}', id), hasLimit)));
        else await get(path, {});
      }
      read.set(name, ids);
    }
    const least = (withDetails: boolean) =>
      endpoints.reduce((sum, one) => sum + leastRequests(simulator, one, { pageSize, withDetails }), 0);
    expect(least(false)).toBe(Object.values(simulator.requestCounts()).reduce((sum, count) => sum + count, 0));
    expect(least(true) - least(false)).toBe(read.get('exports')?.length);
  });
});

describe('the records of a peer', () => {
  it('are counted in the lines of Airbyte and of Singer, and nothing else is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'records-'));
    const file = join(folder, 'output.txt');
    const lines = [
      'not a message',
      '{"type":"LOG","log":{"message":"no RECORD"}}',
      '{"type":"RECORD","record":{"stream":"leads","data":{"id":"1"},"emitted_at":1}}',
      '{"type":"RECORD","stream":"leads","record":{"id":"2"}}',
      '{"type":"RECORD","stream":"jobs","record":{"stream":"no table"}}',
      '{"type":"STATE","value":{"bookmarks":{"RECORD":1}}}',
    ];
    writeFileSync(file, lines.join('\n'));
    expect(await recordsByStream(file)).toEqual(
      new Map([
        ['leads', 2],
        ['jobs', 1],
      ]),
    );
    rmSync(folder, { recursive: true });
  });
});
