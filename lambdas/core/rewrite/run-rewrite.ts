/** Runs a rewrite to its end: `ops forget` and `ops rehash`. */

import { rewriteReceiptKey } from '../../contract/object-keys.ts';
import { childReads } from '../../contract/pipeline-tables.ts';
import type { PersonalChoice } from '../../contract/personal-data.ts';
import { undoDays } from '../../contract/retention.ts';
import { currentTableOf, type Stream, type Table, tableOf } from '../../contract/stream.ts';
import type { MergePorts } from '../current/table-draft.ts';
import { rememberForgotten } from '../rows/forgotten.ts';
import { writeJson } from '../store/stored-json.ts';
import type { Change } from './change.ts';
import { forgetRows, forgetState } from './forget-rows.ts';
import { createMatcher, type Persons } from './persons.ts';
import { rehashRows } from './rehash-rows.ts';
import { type Clean, rewriteOnce, type RewriteSettings, surveyRewrite } from './rewrite.ts';
import { type Counts, type Work, WorkLog } from './work.ts';

/** The tables of the workspace. */
export interface Registry {
  /** All streams, also those without a list of the API, parents before their children. */
  readonly streams: readonly Stream[];
  /** The pipeline's own tables that have a history. */
  readonly tables: readonly Table[];
}

export interface RewritePorts extends MergePorts {
  readonly onProgress: (objects: number) => void;
  /** Whether the store keeps earlier versions of objects for a while. @default true */
  readonly keepsVersions?: boolean;
  /** True if functions may be running that began before now. */
  readonly isBusy: () => Promise<boolean>;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** What was touched. Holds no personal data. */
export interface RewriteReceipt {
  readonly id: string;
  readonly command: Work['command'];
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Number of subjects by table: persons, and rows about them that own further rows, such as threads. */
  readonly subjects: Readonly<Record<string, number>>;
  /**
   * By folder and table: objects rewritten or deleted, rows removed, and other rows that were changed, such as those
   * that quoted a person.
   */
  readonly touched: Readonly<Record<string, Counts>>;
  /** The bucket keeps earlier versions of the touched objects until this day at the latest, as `YYYY-MM-DD`. A folder keeps none. */
  readonly versionsExpireOn?: string;
}

/** What to do: whom to forget, or which personal data to keep out. */
export type Rewrite =
  | { readonly command: 'forget'; readonly persons: Persons }
  | {
      readonly command: 'rehash';
      readonly choice: PersonalChoice;
      readonly hashKey: string | undefined;
      /** Called with each column that is emptied because its table no longer declares it, once for each value. */
      readonly onUndeclared?: (column: string) => void;
    };

/** No function runs longer than this. */
const functionMilliseconds = 15 * 60_000;
/**
 * Most passes over the lake. A function that began before a pass may still write, which makes another pass necessary.
 */
const maxPasses = 12;
const day = 86_400_000;
/** Added to the days until deletion: S3 deletes with a delay, and files of an abandoned merge are kept a day longer. */
const slackDays = 3;

export interface RewriteOptions {
  readonly clean: Clean;
  /** 64 random hexadecimal digits: the key of the digests of forgotten ids, if there is none yet. */
  readonly newKey: string;
  /** Called when the lake needs no further change. A process that dies here is finished by the next. */
  readonly beforeEnd?: () => Promise<void>;
}

function newWork(rewrite: Rewrite, now: Date): Work {
  const startedAt = now.toISOString();
  return {
    id: startedAt.replaceAll(/[-:]|\.\d+/g, ''),
    command: rewrite.command,
    startedAt,
    ...(rewrite.command === 'forget' ? { persons: rewrite.persons } : {}),
    lot: [],
    done: {},
  };
}

/** Counts what the rewrite would touch, by folder and table. Changes nothing. */
export function survey(rewrite: Rewrite, registry: Registry, ports: RewritePorts, clean: Clean) {
  return surveyRewrite(settingsOf(rewrite, ports.clock.now(), registry, ports), clean, ports);
}

/**
 * Carries a rewrite out. If a killed process left it unfinished, continues it. Functions that began before may still
 * write what was removed, so it looks again once they have ended, until it finds nothing.
 * @throws WorkTakenError if another process does the same work
 */
export async function runRewrite(
  rewrite: Rewrite,
  registry: Registry,
  ports: RewritePorts,
  { clean, newKey, beforeEnd }: RewriteOptions,
): Promise<RewriteReceipt> {
  const { store, clock } = ports;
  const work = await WorkLog.open(store, newWork(rewrite, clock.now()));
  const startedAt = new Date(work.value.startedAt);
  // An earlier process may have removed some rows already, so only the stored work still names all persons.
  const persons = work.value.persons;
  const whole = rewrite.command === 'forget' && persons ? { ...rewrite, persons } : rewrite;
  if (whole.command === 'forget') await rememberForgotten(store, whole.persons.subjects, work.value.startedAt, newKey);
  const settings = settingsOf(whole, startedAt, registry, ports);
  let isBusy = await ports.isBusy();
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const spareAfter = new Date(clock.now().getTime() - (isBusy ? functionMilliseconds : 0));
    const changed = await rewriteOnce(work, settings, clean, spareAfter, ports);
    // A run that began meanwhile may have read what was not removed yet.
    isBusy ||= await ports.isBusy();
    if (changed === 0 && (pass > 0 || !isBusy)) break;
    if (!isBusy) continue;
    await ports.wait(functionMilliseconds);
    isBusy = await ports.isBusy();
  }
  await beforeEnd?.();
  return finish(work, ports);
}

function settingsOf(rewrite: Rewrite, startedAt: Date, registry: Registry, ports: RewritePorts): RewriteSettings {
  const streams = new Map(registry.streams.map((stream) => [stream.name, stream]));
  const tables = new Map([...registry.streams.map(tableOf), ...registry.tables].map((table) => [table.name, table]));
  const matcher = rewrite.command === 'forget' ? createMatcher(rewrite.persons) : undefined;
  const rows =
    rewrite.command === 'forget'
      ? forgetRows(createMatcher(rewrite.persons), streams)
      : rehashRows(rewrite.choice, rewrite.hashKey, rewrite.onUndeclared);
  const change: Change = { rows, matcher, day: startedAt.toISOString().slice(0, 10), tables, streams };
  const current = registry.streams
    .filter(({ historyOnly }) => !historyOnly)
    .map((stream) => ({ table: currentTableOf(stream), stream }));
  return {
    change,
    state: matcher ? forgetState(matcher) : (state) => state,
    current: [...current, { table: childReads, stream: undefined }],
    onProgress: ports.onProgress,
  };
}

/** Leaves the receipt and ends the work. */
async function finish(work: WorkLog, { store, clock, keepsVersions = true }: RewritePorts): Promise<RewriteReceipt> {
  const { id, command, startedAt, persons, done } = work.value;
  const now = clock.now();
  const receipt: RewriteReceipt = {
    id,
    command,
    startedAt,
    finishedAt: now.toISOString(),
    subjects: countsOf(persons?.subjects.map(({ stream }) => stream) ?? []),
    touched: done,
    ...(keepsVersions
      ? { versionsExpireOn: new Date(now.getTime() + (undoDays + slackDays) * day).toISOString().slice(0, 10) }
      : {}),
  };
  await writeJson(store, rewriteReceiptKey(command, id), receipt);
  await work.end();
  return receipt;
}

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
