import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Dataset } from '../../../local/simulator/data/dataset.ts';
import { beginning, everything, LeadList } from '../../../local/simulator/lead-list.ts';
import { Overlay } from '../../../local/simulator/overlay.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { SimulatorClient } from '../../support/simulator-client.ts';

const million = 1_000_000;
const epochs = ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => new Date(`${day}T03:00:00Z`));

describe('a workspace of a million leads', () => {
  let simulator: Simulator;
  let client: SimulatorClient;
  beforeAll(async () => {
    simulator = await startSimulator({ leads: million, epochs });
    client = new SimulatorClient(simulator);
  });
  afterAll(() => simulator.stop());

  it('looks at no more leads for its first, a middle and its last page than stand on them', () => {
    const { leads } = new Dataset(1, million, epochs);
    const list = new LeadList(leads, new Overlay());
    const segment = leads.segment.bind(leads);
    for (const day of ['2024-11-01', '2025-11-01', '2026-11-03']) {
      let looks = 0;
      vi.spyOn(leads, 'segment').mockImplementation((epoch) => {
        const { row, updated, created, ...rest } = segment(epoch);
        const counted = (look: (at: number) => number) => (at: number) => {
          looks += 1;
          return look(at);
        };
        return { ...rest, row: counted(row), updated: counted(updated), created: counted(created) };
      });
      const filter = { ...everything, updatedFrom: Date.parse(`${day}T02:59:50Z`) };
      const times = list
        .rows(filter, beginning)
        .map(({ time }) => time)
        .take(100)
        .toArray();
      expect(times).toHaveLength(100);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      // Two for each lead given, and a search by halves in each of three segments.
      expect(looks, day).toBeLessThan(600);
    }
  });

  it('finds any lead by its id, the last one included, and its children', async () => {
    const { body } = await client.ask('/leads?limit=500&updated_after=2026-11-03T02:59:55Z');
    const lead = body.data?.at(-1);
    expect((await client.ask(`/leads/${String(lead?.['id'])}`)).body.data).toEqual(lead);
    expect((await client.ask(`/leads/${String(lead?.['id'])}/activities`)).status).toBe(200);
  });

  it('gives one window, page by page, whole: what two epochs changed or made', async () => {
    const rows = await client.rows(
      `/leads?limit=500&updated_after=${epochs[0]?.toISOString()}&updated_before=${epochs[2]?.toISOString()}`,
    );
    const ids = new Set(rows.map(({ id }) => id));
    expect(ids.size).toBe(rows.length);
    // 1 % twice, of which some were changed by both, and twenty new ones each time.
    expect(rows.length).toBeGreaterThan(19_900);
    expect(rows.length).toBeLessThanOrEqual(20_041);
  });

  it('reads a tenth of itself in flat memory', () => {
    // Small enough to be collected at once, so what stays is what is held.
    const dataset = new Dataset(1, million, epochs);
    const before = process.memoryUsage().heapUsed;
    let characters = 0;
    for (let lead = 0; lead < million; lead += 10) characters += JSON.stringify(dataset.leads.row(0, lead)).length;
    expect(characters).toBeGreaterThan(25_000_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('counts its rows without holding them', () => {
    const counts = simulator.counts();
    expect(counts['leads']).toBe(million + 40);
    expect(counts['inbox_threads']).toBe(million / 10 + 2);
    expect(counts['lead_activities']).toBeGreaterThan(1.9 * million);
  });
});
