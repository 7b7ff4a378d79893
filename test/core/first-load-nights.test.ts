import { expect, it } from 'vitest';
import { byteText } from '../../lambdas/core/rows/charsets.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import { FixedClock } from '../support/fixed-clock.ts';
import { MemoryPipeline } from '../support/memory-pipeline.ts';

const second = 1_000;
const hour = 3_600 * second;
/** `FIRST_LOAD_LEADS=400000` loads that many leads in nights of eight hours, which takes minutes. */
const given = Number(process.env['FIRST_LOAD_LEADS'] ?? 0);
const scale = given
  ? { leads: given, pageSize: 100, deadlineHours: 8 }
  : { leads: 400, pageSize: 4, deadlineHours: 75 / 3_600 };

/** An API of leads with one message each. It takes a second for each answer. */
class LargeWorkspace {
  readonly clock = new FixedClock('2026-11-01T02:00:00.000Z');
  /** How often each page and each list of children was asked for. */
  readonly asked = new Map<string, number>();

  api(): Api {
    return {
      counts: { requests: 0, retries: 0 },
      get: async (path, { path: values = {}, query = {} }) => {
        const askedAt = this.clock.now();
        this.clock.advance(second);
        const name = [path, ...Object.values(values), query['cursor'] ?? ''].join(' ');
        const isChanges = query['updated_after'] !== undefined;
        if (!isChanges && path !== '/me') this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
        const body = byteText(Buffer.from(JSON.stringify(this.#answer(path, values, query, isChanges))));
        return { body, requestId: null, askedAt, receivedAt: this.clock.now() };
      },
    };
  }

  #answer(path: string, values: object, query: object, isChanges: boolean): unknown {
    const row = (id: string) => ({ id, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' });
    if (path === '/me') return { data: { id: 'me' } };
    const end = { next_cursor: null, has_more: false };
    if (path !== '/leads') return { data: [row(`m_${Object.values(values).join('')}`)], pagination: end };
    if (isChanges) return { data: [], pagination: end };
    const from = 'cursor' in query ? Number(query.cursor) : 0;
    const to = Math.min(scale.leads, from + scale.pageSize);
    const data = Array.from({ length: to - from }, (_, index) => row(`l${from + index}`));
    return { data, pagination: to < scale.leads ? { next_cursor: String(to), has_more: true } : end };
  }
}

it('a first load that a night is too short for goes on for as many nights as it needs, and asks for nothing twice', {
  timeout: given ? 7_200_000 : 120_000,
}, async () => {
  const workspace = new LargeWorkspace();
  const { clock, asked } = workspace;
  const { pageSize, deadlineHours, leads } = scale;
  const pipeline = new MemoryPipeline({
    clock,
    streams: ['lead_messages'],
    api: () => workspace.api(),
    pageSize,
    deadlineHours,
    // So long that nothing is reread, except the list of leads once after the first load.
    settings: { rereadDays: 10_000, childRereadDays: 10_000 },
  });
  const nights: string[] = [];
  for (let isOver = false; !isOver; ) {
    const began = clock.now().getTime();
    const report = await pipeline.run();
    nights.push(report?.status ?? 'none');
    for (const { error } of Object.values(report?.tables ?? {}))
      expect(error?.code ?? 'unfinished').toMatch(/unfinished|parent_failed/);
    isOver = report?.status === 'complete';
    expect(nights.length).toBeLessThan(40);
    clock.advance(Math.max(0, began + 24 * hour - clock.now().getTime()));
  }
  expect(nights.length).toBeGreaterThan(4);
  const timesOf = (path: RegExp) => new Set([...asked].flatMap(([name, count]) => (path.test(name) ? [count] : [])));
  expect(timesOf(/messages/)).toEqual(new Set([1]));
  expect(timesOf(/^\/leads \d*$/)).toEqual(new Set([2]));
  expect(asked.size).toBe(leads + Math.ceil(leads / pageSize));
  expect(await pipeline.rows('leads')).toHaveLength(leads);
  expect(await pipeline.rows('lead_messages')).toHaveLength(leads);
  if (given)
    process.stdout.write(`${leads} leads: ${nights.length} nights, ${asked.size} requests, ${nights.join(' ')}\n`);
});
