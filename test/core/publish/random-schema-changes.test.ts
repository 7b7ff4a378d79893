import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../lambdas/core/errors.ts';
import { ChangingVendor, type Row } from '../../support/changing-vendor.ts';
import { tries } from '../../support/tries.ts';
import { announced, rows, told } from '../../support/told-changes.ts';

type Kind = 'text' | 'number' | 'flag' | 'absent';
const values: Readonly<Record<Kind, (index: number) => unknown>> = {
  text: (index) => `word ${index}`,
  number: (index) => index + 0.5,
  flag: (index) => index % 2 === 0,
  absent: () => undefined,
};
const names = ['tier', 'lead_score', 'leadSource', 'email', 'nested'] as const;
type Plan = Readonly<Record<(typeof names)[number], Kind>>;
const kind = fc.constantFrom<Kind>('text', 'number', 'flag', 'absent');
const plans = fc.array(fc.record({ tier: kind, lead_score: kind, leadSource: kind, email: kind, nested: kind }), {
  minLength: 10,
  maxLength: 10,
});

/** What the API did between two nights, as a person who watched it would say. */
function done(night: number, before: Plan, after: Plan): string[] {
  return names.flatMap((name) => {
    if (before[name] === after[name]) return [];
    const what = before[name] === 'absent' ? 'new' : after[name] === 'absent' ? 'gone' : 'another type';
    return [`${night} referrals.${name === 'nested' ? 'company.nested' : name} ${what}`];
  });
}

/** The fields of the first night without a column: `email` has one, and `nested` is told with its object. */
function undeclared(plan: Plan): string[] {
  const given = names.filter((name) => name !== 'email' && name !== 'nested' && plan[name] !== 'absent');
  return [...given, 'company'].map((name) => `0 referrals.${name} undeclared`);
}

function givenBy(plan: Plan): Row[] {
  return rows(30, (index) => ({
    ...Object.fromEntries(names.flatMap((name) => (name === 'nested' ? [] : [[name, values[plan[name]](index)]]))),
    company: { name: 'Acme', nested: values[plan.nested](index) },
  }));
}

describe('ten nights of an API that adds, drops and retypes fields', () => {
  it('are told in schema_changes as they were, once each, also if publish dies or is overtaken at any write', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (nights, dice) => {
        const vendor = new ChangingVendor(['referrals']);
        const { store, queues } = vendor.pipeline;
        const put = store.put.bind(store);
        let deaths = 0;
        store.put = async (key, body, options) => {
          const dies = /^(state\/fields|lake\/schema_changes|lake\/pipeline_runs|runs\/[^/]*\/(report|announced))/.test(
            key,
          );
          // A message that fails five times is given up.
          const luck = dies && deaths < 3 ? dice.next().value : 9;
          if (luck < 2) deaths += 1;
          if (luck === 0) throw new UnavailableError('died before the write');
          const isWritten = await put(key, body, options);
          if (luck === 1) throw new UnavailableError('died after the write');
          const runId = /^runs\/([^/]*)/.exec(key)?.[1];
          if (luck === 2 && runId !== undefined)
            await queues.queue('publish').send([{ body: { runId, check: 0, ping: true } }]);
          return isWritten;
        };
        const expected: string[] = [];
        for (const [night, plan] of nights.entries()) {
          vendor.referrals = givenBy(plan);
          deaths = 0;
          const before = nights[night - 1];
          expected.push(...(before ? done(night, before, plan) : undeclared(plan)));
          await vendor.night();
        }
        expect(await told(vendor)).toEqual(expected.toSorted());
        expect(new Set(announced(vendor)).size).toBeLessThanOrEqual(expected.length);
        expect(announced(vendor).length).toBeGreaterThanOrEqual(new Set(announced(vendor)).size);
      }),
      { numRuns: tries(2, 40) },
    );
  });
});
