import { expect, it } from 'vitest';
import { parquetFile } from '../../../lambdas/contract/object-keys.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { readParquet } from '../../../lambdas/core/rows/parquet/read.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { differences } from '../../support/lake-oracle.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';
import { SimulatedWorkspace } from '../../support/workspace-api.ts';

const minute = 60_000;

/** An API that takes two minutes for each page of two leads. */
function slowWorkspace() {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const workspace = new SimulatedWorkspace(60, clock);
  const api = {
    counts: { requests: 0, retries: 0 },
    get: (...request: Parameters<typeof workspace.get>) => {
      clock.advance(2 * minute);
      return workspace.get(...request);
    },
  };
  return { clock, workspace, pipeline: new MemoryPipeline({ clock, streams: ['leads'], pageSize: 2, api: () => api }) };
}

async function idsIn(file: Uint8Array | undefined): Promise<string[]> {
  return (await readParquet('leads', file ?? new Uint8Array(), ['id'])).map(({ id }) => String(id));
}

it('a first load can be read while it runs: whole chunks, in time, each row once and as the API has it', async () => {
  const { clock, workspace, pipeline } = slowWorkspace();
  await pipeline.plan();
  /** Time at which each converted chunk was first seen, and the chunk's ids, by the chunk's key. */
  const landed = new Map<string, { readonly at: number; readonly ids: readonly string[] }>();
  const shown = new Set<number>();
  let report: RunReport | undefined;
  while (!report) {
    report = await pipeline.step();
    const now = clock.now().getTime();
    for (const key of pipeline.store.keys('lake/leads/'))
      if (parquetFile(key) && !landed.has(key))
        landed.set(key, { at: now, ids: await idsIn(pipeline.store.objects.get(key)?.body) });
    const rows = await pipeline.rows('leads');
    const ids = new Set(rows.map(({ id }) => String(id)));
    expect(ids.size).toBe(rows.length);
    const known = workspace.rows('leads').filter(({ id }) => ids.has(String(id)));
    expect(differences(streamNamed('leads'), rows, known)).toEqual([]);
    for (const chunk of landed.values()) {
      const there = chunk.ids.filter((id) => ids.has(id)).length;
      expect([0, chunk.ids.length]).toContain(there);
      // A check comes at least every five minutes, and merges if the last merge was 15 minutes ago.
      if (now - chunk.at > 25 * minute) expect(there).toBe(chunk.ids.length);
    }
    shown.add(rows.length);
  }
  expect(report.status).toBe('complete');
  expect(await pipeline.rows('leads')).toHaveLength(60);
  expect(shown.size).toBeGreaterThan(3);
});
