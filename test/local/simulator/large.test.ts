import { expect, it } from 'vitest';
import { assemble } from '../../../local/simulator/assemble.ts';

const epochs = ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => new Date(`${day}T03:00:00Z`));

it('a workspace of 50,000 leads creates children on request, and returns a window of leads completely', async () => {
  const before = process.memoryUsage().heapUsed;
  const { workspace, api } = assemble({ leads: 50_000, epochs, now: () => new Date('2026-11-03T04:00:00Z') });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  const query = new URLSearchParams({ limit: '500', updated_after: '2026-11-01T03:00:00Z' });
  const ids: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    if (cursor !== '') query.set('cursor', cursor);
    const { data, pagination }: Awaited<ReturnType<typeof api.read>> = await api.read('/leads', query);
    if (Array.isArray(data)) ids.push(...data.map(({ id }) => id));
    cursor = pagination?.next_cursor ?? null;
  }
  expect(new Set(ids).size).toBe(ids.length);
  // On each of two days, one lead in a hundred changes, some on both, and twenty are new.
  expect(ids.length).toBeGreaterThan(980);
  expect(ids.length).toBeLessThanOrEqual(1_041);
  const last = workspace.visibleRow('leads', String(ids.at(-1)));
  expect(workspace.rows('lead_activities', last).length).toBeGreaterThanOrEqual(0);
});
