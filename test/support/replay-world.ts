import {
  type DeadLetterView,
  resendDeadLetters,
  surveyDeadLetters,
} from '../../lambdas/core/replay/replay-dead-letters.ts';
import { ColumnValueError, UnavailableError } from '../../lambdas/core/errors.ts';
import { findRejected, replayRejected } from '../../lambdas/core/replay/replay-rejected.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { reportKey } from '../../lambdas/contract/object-keys.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { FixedClock } from './fixed-clock.ts';
import { faultsOf } from './lake-oracle.ts';
import { MemoryPipeline, type MemoryPipelineOptions } from './memory-pipeline.ts';
import { KillableProcess } from './killable-process.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

const neverKilled = new KillableProcess({ at: -1, when: 'before' });
type WorkQueue = 'extract' | 'convert';

const minute = 60_000;
export const day = 86_400_000;
export const replayedStreams = ['lead_messages', 'campaigns', 'identity'];

type ReplayOptions = { readonly leads?: number } & Pick<MemoryPipelineOptions, 'pageSize' | 'timeoutSeconds'>;

/** A workspace with a pipeline that a test can break and mend, and with the replay commands of `ops`. */
export class ReplayWorld {
  readonly clock = new FixedClock('2026-11-24T02:00:00.000Z');
  readonly workspace: SimulatedWorkspace;
  readonly pipeline: MemoryPipeline;
  readonly runIds: string[] = [];
  /** Error with which each conversion of this table's rows fails. */
  conversionError: { readonly table: string; readonly error: Error } | undefined;
  /** Decides whether a request fails. */
  requestError: ((path: string, query: Readonly<Record<string, string | number>>) => Error | undefined) | undefined;
  /** Table that the configuration has switched off since. */
  off: string | undefined;
  /** Declaration of the stream with which rows are converted. */
  declarationOf: (name: string) => Stream = streamNamed;

  constructor(streams: readonly string[], { leads = 4, ...options }: ReplayOptions = {}) {
    this.workspace = new SimulatedWorkspace(leads, this.clock);
    this.pipeline = new MemoryPipeline({
      ...options,
      clock: this.clock,
      streams,
      api: () => this.api(),
      declarationOf: (name) => this.declarationOf(name),
      mask: (table) => {
        if (this.conversionError?.table === table.name) throw this.conversionError.error;
        return maskNothing(table);
      },
    });
  }

  api(): Api {
    const counts = { requests: 0, retries: 0 };
    return {
      counts,
      get: async (path, parameters) => {
        counts.requests += 1;
        const error = this.requestError?.(path, parameters.query ?? {});
        if (error) throw error;
        return this.workspace.get(path, parameters);
      },
    };
  }

  /** Runs a night and its confirmations. The workspace changes before every night except the first. */
  async night(): Promise<RunReport | undefined> {
    if (this.runIds.length > 0) {
      this.clock.advance(day);
      this.workspace.workspace.advance(this.clock.now());
    }
    this.runIds.push(runIdOf('nightly', this.clock.now()));
    await this.pipeline.plan();
    return this.#settled();
  }

  /** Moves the clock on by a minute and handles all messages. @returns the last report, if there is one */
  drain(): Promise<RunReport | undefined> {
    this.clock.advance(minute);
    return this.#settled();
  }

  async #settled(): Promise<RunReport | undefined> {
    const before = this.pipeline.reports.length;
    await this.pipeline.settle();
    return this.pipeline.reports.slice(before).at(-1);
  }

  survey(queue: WorkQueue = 'convert'): Promise<DeadLetterView[]> {
    const { store, queues } = this.pipeline;
    const isOff = (table: string) => table === this.off;
    return surveyDeadLetters(queue, 100, { store, deadLetters: queues.deadLetters[queue], isOff });
  }

  async replay(
    queue: WorkQueue = 'convert',
    process: KillableProcess = neverKilled,
    limit = 100,
  ): Promise<DeadLetterView[]> {
    this.clock.advance(minute);
    const { store, queues } = this.pipeline;
    return resendDeadLetters(queue, limit, {
      store: process.store(store),
      deadLetters: process.deadLetters(queues.deadLetters[queue]),
      queue: process.queue(queues.queue(queue)),
      publishQueue: process.queue(queues.queue('publish')),
      clock: this.clock,
      isOff: (table) => table === this.off,
    });
  }

  /** Replays rejected rows. @returns numbers of chunks and rows that were sent again, and the expired files */
  async replayRejected(
    wanted: Parameters<typeof findRejected>[0] = {},
    process: KillableProcess = neverKilled,
  ): Promise<{ chunks: number; rows: number; expired: readonly string[] }> {
    this.clock.advance(minute);
    const store = process.store(this.pipeline.store);
    const { runs, expired } = await findRejected(wanted, store);
    await replayRejected(runs, {
      store,
      convertQueue: process.queue(this.pipeline.queues.queue('convert')),
      publishQueue: process.queue(this.pipeline.queues.queue('publish')),
      clock: this.clock,
    });
    const chunks = runs.flatMap((run) => run.chunks);
    return { chunks: chunks.length, rows: chunks.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0), expired };
  }

  /** Differences of the lake from the workspace, and wrong counts; empty if there are none. */
  async faults(): Promise<string[]> {
    const { store, streams, deadLetters } = this.pipeline;
    const faults = await faultsOf(store, streams, this.runIds, (table) => this.workspace.rows(table));
    if (deadLetters.length > 0) faults.push(`${deadLetters.length} dead letters are left`);
    return faults;
  }
}

export const bug = new ColumnValueError('Column body was given a number.');
export const down = new UnavailableError('The API does not answer.');

/** The world after a night in which no chunk of lead_messages could be converted. */
export async function poisoned(streams = replayedStreams): Promise<ReplayWorld> {
  const world = new ReplayWorld(streams);
  world.conversionError = { table: 'lead_messages', error: bug };
  await world.night();
  return world;
}

/** The world after a night in which the API's list of leads stopped answering after the first page. */
export async function cutOff(streams = replayedStreams): Promise<ReplayWorld> {
  const world = new ReplayWorld(streams, { leads: 3, pageSize: 1, timeoutSeconds: 1 });
  world.requestError = (path, query) => (path === '/leads' && query['cursor'] !== undefined ? down : undefined);
  await world.night();
  return world;
}

/** The report of the first night, as it is now. */
export const reportOf = ({ pipeline, runIds }: ReplayWorld): RunReport =>
  runReport.parse(pipeline.store.json(reportKey(runIds[0] ?? '')));
