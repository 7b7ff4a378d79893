import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { streams } from '../../../lambdas/streams/registry.ts';
import { type Fields, withSimulator } from '../../support/simulator-client.ts';

const [first, second] = [new Date('2026-11-01T03:00:00Z'), new Date('2026-11-02T03:00:00Z')];

const dayFile = new URL('../../../local/simulator/day.ts', import.meta.url);
const writes = readFileSync(dayFile, 'utf8').matchAll(/\b(?:addRow|touch)\('(\w+)'/g);
const writtenEachDay = [...writes].map(([, table = '']) => table);

async function tablesAt(epochs: Date[], leads: number): Promise<Map<string, Map<string, Fields>>> {
  const tables = new Map<string, Map<string, Fields>>();
  await withSimulator({ leads, epochs }, async (simulator) => {
    for (const { name, key } of streams) {
      const rows = [...simulator.expectedRows(name)].map((row): [string, Fields] => [
        key.map((field) => row[field]).join(' '),
        { ...row },
      ]);
      tables.set(name, new Map(rows));
    }
  });
  return tables;
}

describe('an epoch', async () => {
  const before = await tablesAt([first], 1_000);
  const after = await tablesAt([first, second], 1_000);
  const compared = (table: string) => {
    const [old, now] = [before.get(table) ?? new Map<string, Fields>(), after.get(table) ?? new Map<string, Fields>()];
    const changed = [...now].filter(
      ([key, row]) => old.has(key) && JSON.stringify(old.get(key)) !== JSON.stringify(row),
    );
    const added = [...now].filter(([key]) => !old.has(key));
    const gone = [...old].filter(([key]) => !now.has(key));
    return { changed: changed.map(([, row]) => row), added: added.map(([, row]) => row), gone };
  };

  it('changes one lead in a hundred, in a field and in its time, and adds a few', () => {
    const { changed, added } = compared('leads');
    expect([changed.length, added.length]).toEqual([10, 2]);
    for (const row of changed) {
      const old = before.get('leads')?.get(String(row['id'])) ?? {};
      const fields = Object.keys(row).filter((field) => JSON.stringify(row[field]) !== JSON.stringify(old[field]));
      expect(fields).toContain('updated_at');
      expect(fields.length).toBe(2);
    }
  });

  it('dates its changes and new rows between the previous epoch and itself', () => {
    for (const { name } of streams) {
      const { changed, added } = compared(name);
      for (const { updated_at } of [...changed, ...added]) {
        expect(Date.parse(String(updated_at)), name).toBeGreaterThan(first.getTime());
        expect(Date.parse(String(updated_at)), name).toBeLessThan(second.getTime());
      }
    }
  });

  it('adds children to changed parents only, and changes none', () => {
    for (const { name, parent } of streams) {
      if (!parent) continue;
      const { changed, added, gone } = compared(name);
      const moved = compared(parent.stream);
      const parents = new Set([...moved.changed, ...moved.added].map(({ id }) => id));
      expect([changed, gone], name).toEqual([[], []]);
      if (name === 'webhook_deliveries') continue;
      expect(
        added.filter((row) => !parents.has(row[parent.key])),
        name,
      ).toEqual([]);
    }
  });

  it('removes nothing, and changes the tables that day.ts writes to and their children, and no other', () => {
    const touched = streams.filter(({ name }) => {
      const { changed, added } = compared(name);
      return changed.length + added.length > 0;
    });
    expect(streams.flatMap(({ name }) => compared(name).gone)).toEqual([]);
    const names = touched.map(({ name }) => name);
    expect(writtenEachDay.filter((table) => !names.includes(table))).toEqual([]);
    // A new row of a parent comes with its children.
    const allowed = (table: string | undefined) => table !== undefined && writtenEachDay.includes(table);
    expect(touched.filter(({ name, parent }) => !allowed(name) && !allowed(parent?.stream))).toEqual([]);
  });

  it('is the same after a start with it and after an advance to it', () =>
    withSimulator({ leads: 1_000, epochs: [first] }, async (simulator, client) => {
      simulator.advance(second);
      expect(new Map(Array.from(await client.rows('/leads?limit=500'), (row) => [String(row['id']), row]))).toEqual(
        after.get('leads'),
      );
    }));

  it('shows only changed leads in the window since the previous epoch', () =>
    withSimulator({ leads: 1_000, epochs: [first, second] }, async (_, client) => {
      const rows = await client.rows(
        `/leads?updated_after=${first.toISOString()}&updated_before=${second.toISOString()}`,
      );
      const { changed, added } = compared('leads');
      expect(rows.map(({ id }) => id).toSorted()).toEqual([...changed, ...added].map(({ id }) => id).toSorted());
    }));

  it('must come after the previous one', async () => {
    await expect(withSimulator({ epochs: [second, first] }, async () => {})).rejects.toThrow(RangeError);
  });
});

describe('the same seed', () => {
  it('gives the same workspace, and another seed gives another one', async () => {
    const tables = await tablesAt([first], 200);
    expect(await tablesAt([first], 200)).toEqual(tables);
    await withSimulator({ leads: 200, epochs: [first], seed: 2 }, async (simulator) => {
      expect([...simulator.expectedRows('leads')].filter(({ id }) => tables.get('leads')?.has(String(id)))).toEqual([]);
    });
  });
});
