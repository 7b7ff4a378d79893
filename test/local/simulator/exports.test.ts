import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { type SimulatorClient, withSimulator } from '../../support/simulator-client.ts';

async function create(client: SimulatorClient, include_suppressed: boolean): Promise<string> {
  const { body } = await client.ask('/exports', {
    method: 'POST',
    body: { include_suppressed },
    headers: { 'idempotency-key': 'run-1' },
  });
  expect(body.data).toMatchObject({ object: 'export', status: 'queued', file_key: null, row_count: null });
  return String(body.data?.['id']);
}

async function pollUntilEnded(client: SimulatorClient, id: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let poll = 0; poll < 10; poll += 1) {
    const { data } = (await client.ask(`/exports/${id}/download`)).body;
    seen.push(data?.['download_ready']);
    if (data?.['status'] === 'completed' || data?.['status'] === 'failed') break;
  }
  return seen;
}

const rowsOf = (lines: Iterable<string>): Record<string, string>[] => parse([...lines].join(''), { columns: true });

describe('an export', () => {
  it('becomes ready after the configured polls, with its key and its count', () =>
    withSimulator({ leads: 500, exportPolls: 3 }, async (simulator, client) => {
      const id = await create(client, true);
      expect(() => [...simulator.exportFile(id)]).toThrow(RangeError);
      expect(await pollUntilEnded(client, id)).toEqual([false, false, false, true]);
      const { data } = (await client.ask(`/exports/${id}`)).body;
      expect(data).toMatchObject({
        status: 'completed',
        row_count: 500,
        file_key: `exports/${id}.csv`,
        error_message: null,
      });
      expect([...simulator.expectedRows('exports')].at(-1)).toEqual(Object.assign({}, data, { download_ready: true }));
    }));

  it('has a file of the leads at its creation, whatever came after', () =>
    withSimulator(
      { leads: 500, exportPolls: 0, now: () => new Date('2026-11-24T10:00:00Z') },
      async (simulator, client) => {
        const odd = { company_name: 'Quotes "and",\nnewlines', tags: ['a', 'b'] };
        const [first, second, third] = [...simulator.expectedRows('leads')].map((row) => String(row['id']));
        simulator.updateLead(first ?? '', odd);
        simulator.deleteLead(second ?? '');
        const leads = [...simulator.expectedRows('leads')];
        const id = await create(client, true);
        simulator.deleteLead(third ?? '');
        simulator.createLead();
        simulator.advance(new Date('2026-11-25T10:00:00Z'));
        await pollUntilEnded(client, id);
        const rows = rowsOf(simulator.exportFile(id));
        expect(rows.map((row) => row['id'])).toEqual(leads.map((row) => row['id']));
        expect(rows.at(-1)).toMatchObject({ company_name: odd.company_name, tags: 'a;b' });
      },
    ));

  it('omits suppressed leads unless they are requested, and counts the rows of its file', () =>
    withSimulator({ leads: 500, exportPolls: 0 }, async (simulator, client) => {
      const id = await create(client, false);
      await pollUntilEnded(client, id);
      const rows = rowsOf(simulator.exportFile(id));
      expect(rows.length).toBeGreaterThan(450);
      expect(rows.length).toBeLessThan(500);
      expect((await client.ask(`/exports/${id}`)).body.data?.['row_count']).toBe(rows.length);
    }));

  it('fails with the configured message', () =>
    withSimulator({ leads: 100, exportPolls: 1, exportFailure: 'Too many rows.' }, async (_, client) => {
      const id = await create(client, true);
      expect(await pollUntilEnded(client, id)).toEqual([false, false]);
      expect((await client.ask(`/exports/${id}`)).body.data).toMatchObject({
        status: 'failed',
        error_message: 'Too many rows.',
        file_key: null,
      });
    }));

  it('is created once for an Idempotency-Key', () =>
    withSimulator({ leads: 100 }, async (_, client) => {
      expect(await create(client, true)).toBe(await create(client, true));
    }));
});
