import { describe, expect, it } from 'vitest';
import { streams } from '../../../lambdas/streams/registry.ts';
import type { Simulator } from '../../../local/simulator/simulator.ts';
import { type Fields, type SimulatorClient, withSimulator } from '../../support/simulator-client.ts';

const epochs = ['2026-11-01T03:00:00Z', '2026-11-02T03:00:00Z', '2026-11-02T03:00:30Z'].map((time) => new Date(time));

async function expectEqualCrawl(simulator: Simulator, client: SimulatorClient): Promise<void> {
  const crawled = await client.crawl();
  const counts = simulator.counts();
  for (const { name, numbered } of streams) {
    // The API returns no position; the pipeline numbers the rows.
    const expected = [...simulator.expectedRows(name)].map((row) =>
      numbered ? { ...row, [numbered.column]: undefined } : row,
    );
    expect(plain(expected), name).toEqual(plain(crawled.get(name) ?? []));
    expect(counts[name], name).toBe(expected.length);
  }
}

/** JSON omits undefined fields. */
function plain(rows: readonly Fields[]): unknown {
  return JSON.parse(JSON.stringify(rows));
}

describe('the oracle', () => {
  it('expects what a full read over HTTP returns, after three epochs', () =>
    withSimulator({ leads: 100, epochs }, expectEqualCrawl));

  it('expects what a full read of the smallest workspace returns', () =>
    withSimulator({ leads: 1, epochs }, expectEqualCrawl));

  it('expects what a full read returns after writes, including deletions of parents', () =>
    withSimulator({ leads: 100, epochs, pageSize: 7 }, async (simulator, client) => {
      const [first, second, third] = [...simulator.expectedRows('leads')].map(({ id }) => String(id));
      simulator.updateLead(first ?? '', { title: 'Changed' });
      simulator.deleteLead(second ?? '');
      simulator.updateLead(third ?? '', { updated_at: '2025-01-01T00:00:00.000Z' });
      const made = simulator.createLead({ full_name: 'New' });
      simulator.create('lead_messages', { body: 'hello' }, String(made['id']));
      const [workflow] = [...simulator.expectedRows('prospector_workflows')];
      await client.ask(`/prospector/workflows/${String(workflow?.['id'])}`, { method: 'DELETE' });
      const run = simulator.create(
        'prospector_runs',
        {},
        String([...simulator.expectedRows('prospector_workflows')][0]?.['id']),
      );
      simulator.create('prospector_results', { company_name: 'Found' }, String(run['id']));
      await expectEqualCrawl(simulator, client);
    }));

  it('has every table of the registry, and no row twice', () =>
    withSimulator({ leads: 300, epochs }, async (simulator) => {
      const keys = new Map(streams.map(({ name, key }) => [name, key]));
      const seen = new Set<string>();
      for (const { table, row } of simulator.expected()) {
        const key = [table, ...(keys.get(table) ?? []).map((field) => String(row[field]))].join(' ');
        expect(key).not.toContain('undefined');
        expect(seen.has(key)).toBe(false);
        seen.add(key);
      }
      expect(new Set([...seen].map((key) => key.split(' ')[0]))).toEqual(new Set(keys.keys()));
    }));
});
