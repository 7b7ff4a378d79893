import { expect, it } from 'vitest';
import type { DeadLetterView } from '../../lambdas/core/replay/replay-dead-letters.ts';
import { deadLetterLines } from '../../ops/commands/replay-dead-letters.ts';

function letter(at: number, message: string, more: Partial<DeadLetterView> = {}): DeadLetterView {
  const reason = { code: 'malformed_answer', message, requestId: `r${at}` };
  const what = `task imports.${at}`;
  const stays = { cannotResendBecause: undefined, doneBy: undefined, isOff: false };
  return { id: `m${at}`, queue: 'extract', runId: 'nightly-1', what, reason, ...stays, ...more };
}

it('dead letters with the same reason are one line with its reason, and those with another fate are another', () => {
  const twelve = Array.from({ length: 12 }, (_, at) => letter(at, `imports: Task imports.${at} has no list.`));
  const off = letter(12, 'imports: Task imports.12 has no list.', { isOff: true, cannotResendBecause: 'It is off.' });
  expect(deadLetterLines([...twelve, off, letter(13, 'It is down.')])).toEqual([
    '14 dead letters:',
    '  extract: 12, task imports.0 of nightly-1, task imports.1 of nightly-1 and 10 more\n    malformed_answer: imports: Task imports.0 has no list.',
    '  extract: task imports.12 of nightly-1\n    malformed_answer: imports: Task imports.12 has no list.\n    deleted: It is off.',
    '  extract: task imports.13 of nightly-1\n    malformed_answer: It is down.',
  ]);
});
