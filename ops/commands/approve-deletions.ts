import { z } from 'zod';
import type { ExportMessage } from '../../lambdas/contract/messages.ts';
import { approvalKey, exportJobKey, pipelineStateKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { runId } from '../../lambdas/contract/run.ts';
import { deletedDays } from '../../lambdas/core/current/merge-state.ts';
import { runReport } from '../../lambdas/contract/run-report.ts';
import { storedJob } from '../../lambdas/core/exports/export-job.ts';
import { durationText } from '../../lambdas/core/runs/duration-text.ts';
import { familyOf } from '../../lambdas/core/runs/families.ts';
import { pingPublish } from '../../lambdas/core/runs/ping-publish.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { readJson, writeJson } from '../../lambdas/core/store/stored-json.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { checkKeyOfFunctions, orNoAnswer } from '../check-key.ts';
import { changeCommand, type Intent, type Outcome } from '../command.ts';
import { withoutApproval } from '../../lambdas/core/runs/held-deletions.ts';
import { number } from '../../lambdas/core/runs/counted.ts';
import { mostAskedFor } from '../audit/ask-by-id.ts';
import { askHeld, type HeldAnswers } from '../lake/ask-held.ts';
import { suggested, type Target } from '../target.ts';

export const approveDeletions = changeCommand({
  ...opsCommandNamed('approve-deletions'),
  flags: {
    run: { value: '<run>', help: 'id of the run, from status, the alarm or the log' },
    'although-given': { help: 'for a local run: approve even if the API still gives some of the rows by id' },
  },
  input: z.strictObject({
    run: z
      .string('--run wants the id of a run')
      .refine((text) => runId.safeParse(text).success, '--run wants the id of a run'),
    althoughGiven: z.boolean().default(false),
  }),
  async prepare(target, { run, althoughGiven }) {
    return (await ofExport(run, target)) ?? ofRun(run, althoughGiven, target);
  },
});

async function ofExport(run: string, target: Target): Promise<Intent | undefined> {
  const job = await readJson(target.store, exportJobKey(run), storedJob);
  if (!job?.value.exportId) return undefined;
  const { exportId, startedAt } = job.value;
  return {
    lines: [
      `Asks once more for each lead of workspace ${target.workspace} that export ${exportId} of ${startedAt} does not hold, however many they are; what the API no longer knows is deleted.`,
    ],
    async act() {
      // With the key of another workspace, the API would know none of the leads.
      await checkKeyOfFunctions(target);
      const body: ExportMessage = { step: 'sweep', runId: run, exportId, startedAt, check: 0, approved: true };
      await target.queue('export').send([{ body }]);
      await target.settle();
      return { lines: ['The deletion is approved.'], data: { runId: run, exportId } };
    },
  };
}

/** Prepares the approval of the deletions that a run held back. @throws UsageError if it held back none */
async function ofRun(run: string, althoughGiven: boolean, target: Target): Promise<Intent | Outcome> {
  const report = (await readJson(target.store, reportKey(run), runReport))?.value;
  const held = Object.entries(report?.tables ?? {}).flatMap(([name, { error }]) =>
    error?.code === 'deletions_held' ? [{ name, message: error.message }] : [],
  );
  if (held.length === 0)
    throw new UsageError(
      `The run '${run}' ${report ? 'holds no deletions back' : 'has no report, and was started by no export'}. ${await suggested(target, 'status')} names those that do.`,
    );
  const tables = held.map(({ name }) => name);
  const { byId } = byPath(tables);
  const auditCommand = await suggested(target, `audit --stream ${byId.join(',')}`);
  const undoCommand = await suggested(target, `audit --stream ${tables.join(',')} --repair`);
  const age = await ageText(report?.startedAt ?? '', tables, target);
  const answers = target.local ? await askTables(tables, run, target) : [];
  const seen = [
    ...held.map(({ name, message }) => `${name}: ${withoutApproval(message)}`),
    age,
    ...answers.map(textOf),
  ];
  if (!althoughGiven && answers.some(({ stillGiven }) => stillGiven > 0))
    return {
      lines: [
        ...seen,
        `These rows exist, so nothing is deleted. Report to the vendor that the list leaves them out. ${auditCommand} compares all of them. To delete them from the tables nevertheless, add --although-given.`,
      ],
      data: { runId: run, tables, deleted: 0, answers },
      ok: false,
    };
  const notAsked = target.local
    ? `The API is not asked ${answers.length === 0 ? 'again' : 'for the others'}.`
    : 'The API is not asked: this command does not read the key of a deployment.';
  const auditFirst =
    byId.length === 0
      ? ''
      : ` If you have not yet audited ${byId.join(', ')}, answer no and do so first: ${auditCommand} says how many of the rows the API still gives by id.`;
  const areAllAsked = tables.every((name) => answers.some((each) => each.name === name && areAll(each)));
  const below = [...new Set(tables.flatMap(tablesBelow))].filter((name) => name in (report?.tables ?? {}));
  return {
    lines: [
      ...seen,
      ...(areAllAsked ? [] : [`${notAsked}${auditFirst}`]),
      `Deletes these rows of workspace ${target.workspace} from ${tables.join(', ')}${below.length === 0 ? '' : `, and the rows that belong to them from ${below.join(', ')}`}. The history keeps them. A row that the API gives again later is current again.`,
    ],
    async act() {
      // Throws if the API of a local run is not known, before anything is stored.
      const publishQueue = target.queue('publish');
      await writeJson(target.store, approvalKey(run), {});
      await pingPublish([{ runId: run }], publishQueue);
      await target.settle();
      const after = (await readJson(target.store, reportKey(run), runReport))?.value;
      const counts = new Map(
        Object.entries(after?.tables ?? {}).map(([name, { rowsDeleted }]) => [
          name,
          rowsDeleted - (report?.tables[name]?.rowsDeleted ?? 0),
        ]),
      );
      const deleted = tables.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
      // The functions of a deployment are still at work.
      const untouched = target.local ? tables.filter((name) => !counts.get(name)) : [];
      const lines = [
        'The deletion is approved.',
        ...deletedText(tables, counts),
        ...(untouched.length > 0
          ? [
              `No row of ${untouched.join(', ')} was deleted: a later run has read them again. If it held deletions back too, approve that run.`,
            ]
          : []),
        ...undoConditions(tables),
        `If that was a mistake, this reads again what the API gives: ${undoCommand}`,
      ];
      return { lines, data: { runId: run, tables, deleted } };
    },
  };
}

/**
 * Says how many rows an approval deleted.
 * @param held the tables whose deletions were held back
 * @param counts the rows deleted, by table
 */
function deletedText(held: readonly string[], counts: ReadonlyMap<string, number>): string[] {
  const some = [...counts].filter(([, count]) => count > 0).map(([name, count]) => ({ name, count }));
  const [approved, below] = [
    some.filter(({ name }) => held.includes(name)),
    some.filter(({ name }) => !held.includes(name)),
  ];
  if (approved.length === 0) return [];
  const texts = approved.map(({ name, count }) => {
    const above = streamNamed(name).parent?.stream ?? '';
    const ofParents = counts.get(above) ? ` (those approved, and those of deleted ${above})` : '';
    return `${number(count)} ${name}${ofParents}`;
  });
  return [
    `Deleted: ${texts.join(', ')}.`,
    ...(below.length === 0
      ? []
      : [
          `Deleted because they belonged to deleted rows: ${below.map(({ name, count }) => `${number(count)} ${name}`).join(', ')}.`,
        ]),
  ];
}

/**
 * Says how old the held deletions are, and whether a later night has read one of the tables.
 * @param heldAt when the run began that held them back
 */
async function ageText(heldAt: string, tables: readonly string[], target: Target): Promise<string> {
  const state = (await readJson(target.store, pipelineStateKey, pipelineState))?.value;
  const later = tables.flatMap((name) => {
    const mark = state?.watermarks[name];
    return mark && mark.at > heldAt ? [{ name, runId: mark.runId }] : [];
  });
  const age = `That was ${durationText((target.clock.now().getTime() - Date.parse(heldAt)) / 1_000)} ago.`;
  const [first] = later;
  if (!first) return age;
  return `${age} ${first.runId} has read ${later.map(({ name }) => name).join(', ')} since, perhaps only the changes. If the API’s lists are whole again, answer no: ${await suggested(target, 'run --full-refresh')} reads everything and deletes nothing that the API gives.`;
}

/** The tables below a table, at any depth: their rows are deleted with those of their parents. */
function tablesBelow(table: string): string[] {
  return familyOf(streamNamed(table), streams)
    .slice(1)
    .map(({ name }) => name);
}

/** Which of the deleted rows a repair finds. */
function undoConditions(tables: readonly string[]): string[] {
  const { byId, others } = byPath(tables);
  return [
    ...(byId.length > 0
      ? [
          `For ${deletedDays} days, an audit asks by id for the deleted rows of ${byId.join(', ')}, up to ${mostAskedFor.toLocaleString('en-US')} of a table at a time.`,
        ]
      : []),
    ...(others.length > 0
      ? [`The API gives no row of ${others.join(', ')} by its id: they come back only once the lists give them again.`]
      : []),
  ];
}

/** The tables whose rows the API gives by id, and the others. */
function byPath(tables: readonly string[]): { byId: string[]; others: string[] } {
  const { byId = [], others = [] } = Object.groupBy(tables, (name) => (streamNamed(name).byId ? 'byId' : 'others'));
  return { byId, others };
}

type TableAnswers = HeldAnswers & { readonly name: string };

/** A deployment is not asked: whoever may approve need not be able to read the key, nor the rows. */
async function askTables(tables: readonly string[], run: string, target: Target): Promise<TableAnswers[]> {
  const found: TableAnswers[] = [];
  for (const name of tables) {
    const answers = await orNoAnswer(() => askHeld(streamNamed(name), run, target));
    if (answers) found.push({ name, ...answers });
  }
  return found;
}

/** Whether the API has answered for all rows that are held. */
const areAll = ({ held, stillGiven, gone }: HeldAnswers) => stillGiven + gone === held;

function textOf({ name, stillGiven, gone, ...more }: TableAnswers): string {
  const asked = areAll({ stillGiven, gone, ...more }) ? `all ${gone + stillGiven}` : String(gone + stillGiven);
  return `${name}: of ${asked} of these rows, asked for by id, the API still gives ${stillGiven} and no longer knows ${gone}.`;
}
