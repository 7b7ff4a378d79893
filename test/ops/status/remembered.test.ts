import { expect, it } from 'vitest';
import { rememberForgotten } from '../../../lambdas/core/rows/forgotten.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { Damage } from '../../../ops/lake/damage.ts';
import { rememberedText } from '../../../ops/rewrite/remembered.ts';
import { statusLines } from '../../../ops/status/status-lines.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { calm } from '../../support/status-facts.ts';

it('after a forgetting, status says what is left to a person as long as the rows are remembered', async () => {
  const store = new MemoryStore();
  expect(await rememberedText({ store }, new Damage())).toBeUndefined();
  await rememberForgotten(store, [{ stream: 'leads', id: 'lead_1' }], '2026-11-24T07:00:00.000Z', 'a'.repeat(64));
  const remembered = await rememberedText({ store }, new Damage());
  expect(remembered).toContain('Forgotten, last on 2026-11-24: 1 row that no run stores again. What is left to you: ');
  const told = statusLines({ ...calm, remembered }, pipe);
  expect(told[0]).toContain('and nothing needs you but what a forgetting leaves to you.');
  expect(told[1]).toBe(`  ${remembered}`);
  expect(statusLines(calm, pipe)[0]).toContain('and nothing needs you.');
});
