import { z } from 'zod';
import { type QueueName, queueNames } from '../../lambdas/contract/queue-names.ts';
import {
  type DeadLetterView,
  isDeleted,
  resendDeadLetters,
  surveyDeadLetters,
} from '../../lambdas/core/replay/replay-dead-letters.ts';
import { createDeadLetters } from '../adapters/dead-letters.ts';
import { wholeNumber, nameOf } from '../../local/cli/flag-values.ts';
import { folderFlags } from '../../local/cli/suggested-command.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { checkKeyOfFunctions } from '../check-key.ts';
import { changeCommand } from '../command.ts';
import { counted, number } from '../../lambdas/core/runs/counted.ts';
import { withFlags } from '../../lambdas/core/runs/commands.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { causeKey } from '../../lambdas/core/runs/same-cause.ts';
import { streams, withParents } from '../../lambdas/streams/registry.ts';
import { renewLocalPage } from '../lake/renew-page.ts';
import { queueUrls, suggested, type Target } from '../target.ts';

const defaultLimit = 10_000;
const linesShown = 100;
const tableNames = streams.map(({ name }) => name);

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
    const isOff = switchedOff(target);
    const survey = () =>
      overQueues(queues, limit, (name, most) =>
        surveyDeadLetters(name, most, { store: target.store, deadLetters: lettersOf(target, name), isOff }),
      );
    const found = await survey();
    const { sent: sendable, done } = byOutcome(found);
    const flags = target.local ? await folderFlags(target.local.out) : '';
    const lines = deadLetterLines(found, flags);
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
          : [
              `Deletes ${counted(done.length, 'dead letter')} whose work a later night has done, or whose table is switched off.`,
            ]),
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
            isOff,
          }),
        );
        await target.settle();
        await renewLocalPage(target);
        const { sent, done: deleted, left } = byOutcome(letters);
        // The work of a folder is over now. That of a deployment goes on.
        const works = new Set(sent.map(workOf));
        const failedAgain = target.local ? (await survey()).filter((letter) => works.has(workOf(letter))) : [];
        const counts = [
          `${counted(sent.length, 'dead letter')} sent again`,
          ...(failedAgain.length > 0 ? [`${failedAgain.length} failed again`] : []),
          ...(deleted.length > 0 ? [`${deleted.length} deleted`] : []),
          `${left.length} left`,
        ];
        const more = target.local ? '' : 'What fails again comes back to the dead letters; ';
        return {
          lines: [
            `${counts.join(', ')}. ${more}${await suggested(target, 'status')} tells how the runs end.`,
            ...(failedAgain.length > 0 ? deadLetterLines(failedAgain, flags) : []),
          ],
          data: { sent, failedAgain, deleted, left },
          ok: left.length + failedAgain.length === 0,
        };
      },
    };
  },
});

/** What tells the work of a letter from that of others: a letter that failed again is another message. */
const workOf = ({ queue, runId, what }: DeadLetterView) => [queue, runId, what].join(' ');

function lettersOf(target: Target, name: QueueName) {
  return createDeadLetters(queueUrls(target, name).deadLetters);
}

/** Whether a table is one that the configuration of this checkout leaves out. */
function switchedOff({ configured }: Target): (table: string) => boolean {
  const names = configured?.streams ?? 'all';
  const on = names === 'all' ? streams : withParents(names);
  const off = new Set(tableNames).difference(new Set(on.map(({ name }) => name)));
  return (table) => off.has(table);
}

/** The letters that are sent again, those that are deleted, and those that stay. */
function byOutcome(letters: readonly DeadLetterView[]) {
  const done = letters.filter(isDeleted);
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

function fateOf({ cannotResendBecause, doneBy, isOff }: DeadLetterView): string {
  if (cannotResendBecause === undefined) return '';
  if (isOff) return `\n    deleted: ${cannotResendBecause}`;
  if (doneBy === undefined) return `\n    left: ${cannotResendBecause}`;
  return `\n    deleted: ${cannotResendBecause} ${doneBy} has read the table completely since.`;
}

function whyOf({ reason }: DeadLetterView): string {
  return reason ? `${reason.code}: ${reason.message}` : 'no reason was left; the log of the function has it';
}

/**
 * The letters of each queue, those with the same reason and fate together.
 * @param flags with which commands in the reasons find the workspace
 */
export function deadLetterLines(letters: readonly DeadLetterView[], flags = ''): string[] {
  const groups = [
    ...Map.groupBy(letters, (letter) =>
      [letter.queue, causeKey(`${whyOf(letter)}${fateOf(letter)}`, tableNames)].join(' '),
    ).values(),
  ];
  const shown = groups.slice(0, linesShown).flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const works = same.map(({ what, runId }) => (runId ? `${what} of ${runId}` : what));
    const count = same.length === 1 ? '' : `${number(same.length)}, `;
    return `  ${first.queue}: ${count}${foldedList(works)}\n    ${withFlags(whyOf(first), flags)}${fateOf(first)}`;
  });
  const more = groups.length - shown.length;
  return [`${counted(letters.length, 'dead letter')}:`, ...shown, ...(more > 0 ? [`  and ${more} other reasons`] : [])];
}
