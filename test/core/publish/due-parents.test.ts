import { describe, expect, it } from 'vitest';
import {
  type ChildRead,
  type DueRules,
  dueParents,
  type ParentRow,
} from '../../../lambdas/core/publish/due-parents.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T02:00:00Z');
const [tonight, lastNight, longAgo] = ['tonight', 'last night', 'long ago'];
const rules: DueRules = {
  reading: 'when-changed',
  runId: tonight,
  now,
  lookbackHours: 24,
  settledDays: 7,
  childRereadDays: 30,
  withRota: false,
};

const parent = (more: Partial<ParentRow> = {}): ParentRow => ({
  id: 'a',
  readAt: now - 40 * day,
  runId: longAgo,
  changedAt: now - 50 * day,
  ...more,
});
const read = (more: Partial<ChildRead> = {}) => new Map([['a', { readAt: now - 5 * day, runId: 'before', ...more }]]);
const changed = (row: ParentRow, reads: Map<string, ChildRead>, more: Partial<DueRules> = {}, hints = new Map()) =>
  dueParents([row], reads, hints, { ...rules, ...more }).changed.length === 1;

describe('the children of a row', () => {
  it('are read if they were never read', () => {
    expect(changed(parent(), new Map())).toBe(true);
  });

  it('are not read if they were read after the row last changed', () => {
    expect(changed(parent(), read())).toBe(false);
  });

  it('are read if the row has changed since', () => {
    expect(changed(parent({ readAt: now - day, runId: lastNight }), read())).toBe(true);
  });

  it('are read once more in the run after the one that saw the change, then no more', () => {
    const row = parent({ readAt: now - day, runId: lastNight, changedAt: now - day });
    expect(changed(row, read({ readAt: now - day + 60_000, runId: lastNight }))).toBe(true);
    expect(changed(row, read({ readAt: now - 60_000, runId: tonight }))).toBe(false);
  });

  it('are not read once more if the row was already old when it was first read, as in a first load', () => {
    const row = parent({ readAt: now - day, runId: lastNight, changedAt: now - 100 * day });
    expect(changed(row, read({ readAt: now - day + 60_000, runId: lastNight }))).toBe(false);
  });

  it('are read once more if the row has no time of change', () => {
    const row = parent({ readAt: now - day, runId: lastNight, changedAt: undefined });
    expect(changed(row, read({ readAt: now - day + 60_000, runId: lastNight }))).toBe(true);
  });

  it('are read if a row that hints at it is newer', () => {
    const hints = new Map([['a', parent({ readAt: now - 60_000, runId: tonight, changedAt: now - 90_000 })]]);
    expect(changed(parent(), read(), {}, hints)).toBe(true);
  });

  it('of a job are read every night until the job is settled, and once after that', () => {
    const job = parent({ readAt: now - 20 * day, changedAt: now - 8 * day });
    const open = { reading: 'until-settled' as const };
    expect(changed(job, read({ readAt: now - 2 * day }), open)).toBe(true);
    expect(changed(job, read({ readAt: now - day + 1 }), open)).toBe(false);
    expect(changed(job, read({ readAt: now - 60_000, runId: tonight }), open)).toBe(false);
  });

  it('of a campaign are read once every night', () => {
    expect(changed(parent(), read(), { reading: 'every-night' })).toBe(true);
    expect(changed(parent(), read({ runId: tonight }), { reading: 'every-night' })).toBe(false);
  });
});

describe('the rota', () => {
  const rows = Array.from({ length: 90 }, (_, index) => parent({ id: `p${index}`, readAt: 0, changedAt: 0 }));
  const reads = new Map(rows.map(({ id }, index) => [id, { readAt: now - (index + 1) * day, runId: 'before' }]));

  it('takes an even share each night, oldest reading first', () => {
    const { rota } = dueParents(rows, reads, new Map(), { ...rules, withRota: true });
    expect(rota).toEqual(['p89', 'p88', 'p87']);
  });

  it('has read the children of every row after childRereadDays nights', () => {
    let nightly = new Map(reads);
    for (let night = 0; night < 30; night += 1) {
      const at = now + night * day;
      const { rota } = dueParents(rows, nightly, new Map(), { ...rules, now: at, withRota: true });
      nightly = new Map([...nightly, ...rota.map((id) => [id, { readAt: at, runId: `n${night}` }] as const)]);
    }
    expect([...nightly.values()].filter(({ readAt }) => readAt < now)).toEqual([]);
  });

  it('skips a row that was read in the same night', () => {
    const fresh = new Map(rows.map(({ id }) => [id, { readAt: now - 3_600_000, runId: 'before' }]));
    expect(dueParents(rows, fresh, new Map(), { ...rules, withRota: true }).rota).toEqual([]);
  });
});
