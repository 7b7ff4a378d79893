/** What an editor shows and refuses while a person writes the configuration: the compiler checks these tests. */

import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, it } from 'vitest';
import { parseWorkspace } from '../../../lib/config/config.ts';
import type { WorkspaceInput } from '../../../lib/config/workspace-input.ts';

type Setting<Group extends keyof WorkspaceInput> = NonNullable<WorkspaceInput[Group]>;

it('the days for which logs are kept are those that CloudWatch has', () => {
  expectTypeOf<14>().toExtend<Setting<'retention'>['logDays']>();
  expectTypeOf<31>().not.toExtend<Setting<'retention'>['logDays']>();
});

it('columns can be added to tables that exist', () => {
  expectTypeOf<{ leads: { score: { type: 'integer' } } }>().toExtend<Setting<'customColumns'>>();
  expectTypeOf<'leeds'>().not.toExtend<keyof Setting<'customColumns'>>();
});

it('personalData takes any text, because it can name custom columns', () => {
  expectTypeOf<'email' | 'leads.full_name' | 'leads.tax_id'>().toExtend<
    NonNullable<Setting<'personalData'>['hash']>[number]
  >();
});

it('every column that an editor suggests for personalData is accepted', () => {
  const source = readFileSync(new URL('../../../lib/config/workspace-input.ts', import.meta.url), 'utf8');
  const suggested = (type: string) => {
    const [, union = ''] = new RegExp(`type ${type} =([^;]*);`).exec(source) ?? [];
    return [...union.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
  };
  const [drop, hash] = [suggested('PersonalColumn'), suggested('HashableColumn')];
  expect([drop.length > 0, hash.includes('leads.email')]).toEqual([true, true]);
  expect(parseWorkspace({ name: 'main', personalData: { drop, hash } }).personalData).toEqual({ drop, hash });
});
