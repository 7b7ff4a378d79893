import { describe, expect, it } from 'vitest';
import { sweepLeads } from '../../../lambdas/core/exports/tombstones.ts';

const startedAt = new Date('2026-11-24T00:00:00Z');
const before = new Date('2026-11-23T00:00:00Z');
const leads = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `l${index}`, extractedAt: before, deleted: false }));
const ids = (count: number, from = 0) =>
  new Set(Array.from({ length: count - from }, (_, index) => `l${index + from}`));
const options = { startedAt, maxShare: 0.05, approved: false };

describe('a complete export', () => {
  it('shows the leads that it lacks to be deleted', () => {
    expect(sweepLeads(leads(100), ids(100, 2), options)).toEqual({ kind: 'delete', ids: ['l0', 'l1'] });
  });

  it('says nothing about leads that were read after it began', () => {
    const late = [...leads(100), { id: 'new', extractedAt: startedAt, deleted: false }];
    expect(sweepLeads(late, ids(100), options)).toEqual({ kind: 'delete', ids: [] });
  });

  it('does not bury a lead twice', () => {
    const buried = [...leads(99), { id: 'old', extractedAt: before, deleted: true }];
    expect(sweepLeads(buried, ids(99), options)).toEqual({ kind: 'delete', ids: [] });
  });

  it('that lost half of its rows deletes nothing until a person approves', () => {
    const half = ids(100, 50);
    expect(sweepLeads(leads(100), half, options)).toMatchObject({
      kind: 'stop',
      missing: 50,
      known: 100,
      reason: expect.stringContaining('50.0 %'),
    });
    expect(sweepLeads(leads(100), half, { ...options, approved: true })).toHaveProperty('ids.length', 50);
  });

  it('that is empty deletes nothing, even approved', () => {
    expect(sweepLeads(leads(100), new Set(), { ...options, approved: true }).kind).toBe('stop');
  });
});
