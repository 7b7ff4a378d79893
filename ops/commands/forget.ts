import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { rewriteReceiptKey } from '../../lambdas/contract/object-keys.ts';
import { modelsPrefix, modelsResultsPrefix, queryResultsPrefix } from '../../lambdas/contract/query-prefixes.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import { messageDays } from '../../lambdas/contract/retention.ts';
import { createSqsQueue } from '../../lambdas/adapters/sqs-queue.ts';
import { findPersons } from '../../lambdas/core/rewrite/find-persons.ts';
import { forgetLetters } from '../../lambdas/core/rewrite/forget-letters.ts';
import { createMatcher, type Persons } from '../../lambdas/core/rewrite/persons.ts';
import { type RewriteReceipt, runRewrite, survey } from '../../lambdas/core/rewrite/run-rewrite.ts';
import { readWork } from '../../lambdas/core/rewrite/work.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { path, nameOf } from '../../local/cli/flag-values.ts';
import { opsCommandNamed, typed } from '../../local/cli/command-names.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { createDeadLetters } from '../adapters/dead-letters.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { changeCommand, type Intent, type Outcome } from '../command.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { renewLocalPage } from '../lake/renew-page.ts';
import { whenForgotten } from '../lake/when-forgotten.ts';
import { confirmDeleted } from '../rewrite/confirm-deleted.ts';
import { expiryLine, touchedLines } from '../rewrite/receipt-lines.ts';
import { leftToYou } from '../rewrite/remembered.ts';
import { registryOf, rewritePorts } from '../rewrite/rewrite-ports.ts';
import { unfinishedText } from '../rewrite/unfinished.ts';
import { queueUrls, type Target } from '../target.ts';

const tableNames = streams.filter(({ key, historyOnly }) => key.includes('id') && !historyOnly).map(({ name }) => name);
const day = 86_400_000;

const input = z.strictObject({
  table: nameOf('--table', tableNames).default('leads'),
  id: z.array(z.string().min(1, '--id wants an id')).default([]),
  email: z.array(z.string().includes('@', { error: '--email wants an e-mail address' })).default([]),
  file: path('--file').optional(),
  confirm: z.boolean().default(false),
});

export const forget = changeCommand({
  ...opsCommandNamed('forget'),
  examples: [typed('ops forget --email ada@example.com'), typed('ops forget --file requests.txt')],
  flags: {
    id: { value: '<id>', isList: true, help: 'id of a row of the person; repeat the flag for more rows' },
    email: {
      value: '<address>',
      isList: true,
      help: 'every lead that has or had this e-mail address; repeat the flag for more',
    },
    file: { value: '<path>', help: 'file with ids and e-mail addresses, one per line' },
    confirm: {
      help: 'ask the API whether the vendor has deleted the forgotten rows of these ids; exit status: 1 if it still gives some, 2 if it could not be asked',
    },
    table: { value: '<table>', help: 'the table of the ids; default: leads' },
  },
  input,
  async prepare(target, { table, id, email, file, confirm }): Promise<Intent | Outcome> {
    if (confirm) return confirmDeleted(target, table, [...id, ...(file === undefined ? [] : await linesOf(file))]);
    const begun = (await readWork(target.store))?.value;
    if (begun && begun.command !== 'forget') throw new UsageError(await unfinishedText(target, begun));
    const named = [...id, ...email, ...(file === undefined ? [] : await linesOf(file))];
    if (begun?.persons)
      return intentOf(target, begun.persons, [
        `Finishes the forgetting of ${begun.startedAt}, which was interrupted. What else you name has to be given again afterwards.`,
      ]);
    if (named.length === 0) throw new UsageError('forget wants --id, --email or --file');
    const addresses = named.filter((one) => email.includes(one) || (!id.includes(one) && one.includes('@')));
    const ids = named.filter((one) => !addresses.includes(one));
    const { persons, unknown } = await findPersons(
      { stream: table, ids, addresses },
      registryOf(target).streams,
      rewritePorts(target),
    );
    if (unknown.length > 0) return nothingFound(target, table, unknown);
    return intentOf(target, persons, []);
  },
});

/** Some of what was named is in no row. That is no error if all of it was forgotten before. */
async function nothingFound({ store }: Target, table: string, unknown: readonly string[]): Promise<Outcome> {
  const lines: string[] = [];
  const never: string[] = [];
  for (const one of unknown) {
    const at = await whenForgotten(store, streamNamed(table), one);
    if (at === undefined) never.push(one);
    else lines.push(`${one} was forgotten on ${at.slice(0, 10)}.`);
  }
  if (never.length > 0)
    lines.push(`No row of ${table} has or had:`, ...never, 'Ids are looked for as they are spelled.');
  return { lines: [...lines, 'Nothing was done.'], data: { unknown: never.length }, ok: never.length === 0 };
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} cannot be read.`);
  });
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

async function intentOf(target: Target, persons: Persons, notes: readonly string[]): Promise<Intent> {
  const ports = rewritePorts(target);
  const clean = new Map<string, string>();
  const found = await survey({ command: 'forget', persons }, registryOf(target), ports, clean);
  target.progress.end();
  const results = await queryResults(target);
  const foreseen = touchedLines(found);
  const subjects = [...Map.groupBy(persons.subjects, ({ stream }) => stream)].map(
    ([stream, all]) => `${all.length} of ${stream}`,
  );
  return {
    lines: [
      ...notes,
      `Forgets in workspace ${target.workspace}: ${subjects.join(', ')}, and every row that belongs to them.`,
      'Their ids. Keep them: --confirm needs them, and afterwards nothing here has them.',
      ...persons.subjects.map(({ stream, id }) => `  ${stream}  ${id}`),
      ...foreseen,
      ...(results.length > 0
        ? [`Deletes ${counted(results.length, 'result')} of queries: any may hold the person.`]
        : []),
      'Earlier versions of the current tables named above are deleted too: time travel to before now is lost.',
      'Runs that follow drop these rows as long as the API gives them: delete the person at the vendor as well.',
    ],
    async act() {
      let deleted = 0;
      // Listed anew: a query that ran meanwhile has left a result too.
      const beforeEnd = async () => {
        const left = await queryResults(target);
        await inBatches(left, (key) => target.store.delete(key));
        deleted += left.length;
      };
      const options = { clean, newKey: randomBytes(32).toString('hex'), beforeEnd };
      const letters = await forgetInLetters(target, persons);
      const receipt = await runRewrite({ command: 'forget', persons }, registryOf(target), ports, options);
      target.progress.end();
      await renewLocalPage(target);
      const { lines, data } = await outcomeOf(target, receipt, foreseen, { ...letters, results: deleted });
      // Only the answer names the ids. The receipt is stored, so it does not.
      return { lines, data: { ...data, ids: idsByTable(persons) } };
    },
  };
}

function idsByTable({ subjects }: Persons): Record<string, string[]> {
  const byTable = Map.groupBy(subjects, ({ stream }) => stream);
  return Object.fromEntries([...byTable].map(([stream, all]) => [stream, all.map(({ id }) => id)]));
}

/** Keys of the results of queries. They are copies, which nothing else needs. */
async function queryResults({ store }: Target): Promise<string[]> {
  const keys: string[] = [];
  for (const prefix of [queryResultsPrefix, modelsResultsPrefix])
    for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

async function forgetInLetters(target: Target, persons: Persons): Promise<{ deleted: number; replaced: number }> {
  const matcher = createMatcher(persons);
  let [deleted, replaced] = [0, 0];
  for (const name of queueNames) {
    const { deadLetters } = queueUrls(target, name);
    const found = await forgetLetters(createDeadLetters(deadLetters), createSqsQueue(deadLetters), matcher);
    deleted += found.deleted;
    replaced += found.replaced;
  }
  return { deleted, replaced };
}

/** @param foreseen what the person was told before: it is not repeated if it came so */
async function outcomeOf(
  target: Target,
  receipt: RewriteReceipt,
  foreseen: readonly string[],
  also: { readonly deleted: number; readonly replaced: number; readonly results: number },
) {
  const waiting = (await Promise.all(queueNames.map((name) => queueDepth(queueUrls(target, name).work)))).reduce(
    (sum, messages) => sum + messages,
    0,
  );
  const until = new Date(Date.parse(receipt.finishedAt) + messageDays * day).toISOString().slice(0, 10);
  const models = await hasModels(target);
  const touched = touchedLines(receipt.touched);
  const lines = [
    ...(touched.join() === foreseen.join() ? ['Forgotten, as listed above.'] : touched),
    `${counted(also.deleted, 'dead letter')} deleted, ${also.replaced} replaced; ${counted(also.results, 'result')} of queries deleted.`,
    ...(waiting > 0
      ? [
          `${counted(waiting, 'message')} wait in queues. Rows of the person in what they bring are dropped; a queue keeps a message until ${until} at the latest.`,
        ]
      : []),
    ...(models ? [`Tables below ${modelsPrefix} are your own: build them anew.`] : []),
    expiryLine(receipt),
    `${leftToYou}.`,
    `Receipt: ${rewriteReceiptKey('forget', receipt.id)}`,
  ];
  return {
    lines,
    data: {
      ...receipt,
      deadLetters: { deleted: also.deleted, replaced: also.replaced },
      queryResults: also.results,
      messagesWaiting: waiting,
    },
  };
}

async function hasModels({ store }: Target): Promise<boolean> {
  for await (const _ of store.list(modelsPrefix)) return true;
  return false;
}
