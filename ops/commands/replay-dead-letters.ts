import { z } from 'zod';
import { type QueueName, queueNames } from '../../lambdas/contract/queue-names.ts';
import {
  type DeadLetterView,
  resendDeadLetters,
  surveyDeadLetters,
} from '../../lambdas/core/replay/replay-dead-letters.ts';
import { createDeadLetters } from '../adapters/dead-letters.ts';
import { wholeNumber, nameOf } from '../../local/cli/flag-values.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { checkKeyOfFunctions } from '../check-key.ts';
import { changeCommand } from '../command.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { queueUrls, suggested, type Target } from '../target.ts';

const defaultLimit = 10_000;
const linesShown = 100;

export const replayDeadLetters = changeCommand({
  ...opsCommandNamed('replay-dead-letters'),
  flags: {
    queue: { value: '<name>', help: `one of ${queueNames.join(', ')}; default: all` },
    limit: { value: '<n>', help: `most dead letters; default: ${defaultLimit}` },
  },
  input: z.strictObject({
    queue: nameOf('--queue', queueNames).optional(),
    limit: wholeNumber('--limit', { least: 1, most: 1_000_000 }).default(defaultLimit),
  }),
  async prepare(target, { queue, limit }) {
    const queues = queue ? [queue] : queueNames;
    const found = await overQueues(queues, limit, (name, most) =>
      surveyDeadLetters(name, most, { store: target.store, deadLetters: lettersOf(target, name) }),
    );
    const { sent: sendable, done } = byOutcome(found);
    const lines = linesOf(found);
    if (sendable.length + done.length === 0)
      return {
        lines: found.length === 0 ? ['There are no dead letters.'] : [...lines, 'None of them can be sent again.'],
        data: { sent: [], deleted: [], left: found },
        ok: found.length === 0,
      };
    return {
      lines: [
        ...lines,
        `Sends ${counted(sendable.length, 'dead letter')} of workspace ${target.workspace} back to where they came from. Runs that are over are looked at again; watermarks never move back.`,
        ...(done.length === 0
          ? []
          : [`Deletes ${counted(done.length, 'dead letter')} whose work a later night has done.`]),
      ],
      async act() {
        await checkKeyOfFunctions(target);
        const letters = await overQueues(queues, limit, (name, most) =>
          resendDeadLetters(name, most, {
            store: target.store,
            deadLetters: lettersOf(target, name),
            queue: target.queue(name),
            publishQueue: target.queue('publish'),
            clock: target.clock,
          }),
        );
        await target.settle();
        const { sent, done: deleted, left } = byOutcome(letters);
        return {
          lines: [
            `${counted(sent.length, 'dead letter')} sent again, ${deleted.length > 0 ? `${deleted.length} deleted, ` : ''}${left.length} left. What fails again comes back to the dead letters; ${await suggested(target, 'status')} tells how the runs end.`,
          ],
          data: { sent, deleted, left },
          ok: left.length === 0,
        };
      },
    };
  },
});

function lettersOf(target: Target, name: QueueName) {
  return createDeadLetters(queueUrls(target, name).deadLetters);
}

/** The letters that are sent again, those that are deleted because their work is done, and those that stay. */
function byOutcome(letters: readonly DeadLetterView[]) {
  const done = letters.filter(({ doneBy }) => doneBy !== undefined);
  const sent = letters.filter(({ cannotResendBecause }) => cannotResendBecause === undefined);
  return { sent, done, left: letters.filter((letter) => !sent.includes(letter) && !done.includes(letter)) };
}

async function overQueues(
  queues: readonly QueueName[],
  limit: number,
  each: (name: QueueName, most: number) => Promise<DeadLetterView[]>,
): Promise<DeadLetterView[]> {
  const letters: DeadLetterView[] = [];
  for (const name of queues) if (letters.length < limit) letters.push(...(await each(name, limit - letters.length)));
  return letters;
}

function fateOf({ cannotResendBecause, doneBy }: DeadLetterView): string {
  if (cannotResendBecause === undefined) return '';
  if (doneBy === undefined) return `\n    stays: ${cannotResendBecause}`;
  return `\n    is deleted: ${cannotResendBecause} ${doneBy} has read the table completely since.`;
}

function linesOf(letters: readonly DeadLetterView[]): string[] {
  const shown = letters.slice(0, linesShown).map((letter) => {
    const { queue, runId, what, reason } = letter;
    const why = reason ? `${reason.code}: ${reason.message}` : 'no reason was left; the log of the function has it';
    return `  ${queue}: ${what}${runId ? ` of ${runId}` : ''}\n    ${why}${fateOf(letter)}`;
  });
  const more = letters.length - shown.length;
  return [`${counted(letters.length, 'dead letter')}:`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}
