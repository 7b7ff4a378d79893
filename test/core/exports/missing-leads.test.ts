import { describe, expect, it } from 'vitest';
import { missingLeads } from '../../../lambdas/core/exports/missing-leads.ts';

const startedAt = new Date('2026-11-24T04:00:00.000Z');
const before = new Date('2026-11-24T02:00:00.000Z');
const rules = { startedAt, maxShare: 0.05, approved: false };
const leads = (count: number, readAt = before) =>
  Array.from({ length: count }, (_, index) => ({ id: `l${String(index).padStart(4, '0')}`, readAt }));
const exported = (count: number, from = 0) =>
  new Set(
    leads(count + from)
      .slice(from)
      .map(({ id }) => id),
  );

describe('the leads that an export lacks', () => {
  it('are those that were read before it began', () => {
    const late = { id: 'late', readAt: new Date('2026-11-24T04:30:00.000Z') };
    expect(missingLeads([...leads(100), late], exported(98, 2), rules)).toEqual({
      kind: 'ask',
      ids: ['l0000', 'l0001'],
    });
  });

  it('are not asked for if the file has no lead at all', () => {
    expect(missingLeads(leads(3), new Set(), rules)).toMatchObject({ kind: 'stop', missing: 3, known: 3 });
  });

  it('are not asked for if they are too many, unless a person approves', () => {
    expect(missingLeads(leads(400), exported(375, 25), rules)).toMatchObject({ kind: 'stop', missing: 25 });
    expect(missingLeads(leads(400), exported(375, 25), { ...rules, approved: true })).toMatchObject({ kind: 'ask' });
  });

  it('may be many of a small workspace', () => {
    expect(missingLeads(leads(40), exported(22, 18), rules)).toMatchObject({ kind: 'ask' });
  });
});
