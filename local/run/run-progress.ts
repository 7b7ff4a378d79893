import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { z } from 'zod';
import {
  convertReceiptsPrefix,
  extractReceiptKey,
  extractReceiptsPrefix,
  planKey,
  roundsPrefix,
  waitingKey,
} from '../../lambdas/contract/object-keys.ts';
import {
  type ConvertReceipt,
  convertReceipt,
  extractReceipt,
  plan,
  round,
  type Task,
  type Waiting,
  waiting,
} from '../../lambdas/contract/run.ts';
import { isProvisional } from '../../lambdas/core/runs/last-attempt.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { expectedRequests, type SeenTask } from './expected-requests.ts';

export interface ProgressCounts {
  /** What the run is waiting for; undefined if for nothing. */
  readonly waiting: Waiting | undefined;
  /** Whether the run knows what to read. */
  readonly isPlanned: boolean;
  /** Rows written so far, by table. */
  readonly rows: ReadonlyMap<string, number>;
  /** Tasks that have ended. */
  readonly tasks: number;
  /** Streams with tasks that have not ended. */
  readonly reading: readonly string[];
  /** Requests of the tasks that have ended, without retries. */
  readonly requests: number;
  /** Estimated requests of the whole run; undefined while they cannot be estimated. */
  readonly expected: number | undefined;
}

const children = new Set(streams.flatMap(({ name, parent }) => (parent ? [name] : [])));

/** Follows a run by its plan and by the receipts of its tasks. Each file is read once. */
export class RunProgress {
  readonly #out: string;
  readonly #runId: string;
  readonly #unread: (stream: string) => boolean;
  readonly #read = new Set<string>();
  readonly #rows = new Map<string, number>();
  readonly #tasks = new Map<string, SeenTask>();
  readonly #ended = new Set<string>();
  /** Streams that the run reads; none before there is a plan. */
  #streams: readonly string[] = [];
  #requests = 0;
  /** Whether the requests of the run can be estimated. */
  #isKnown = false;

  /** @param unread whether no earlier run has read a stream */
  constructor(out: string, runId: string, unread: (stream: string) => boolean = () => false) {
    this.#out = out;
    this.#runId = runId;
    this.#unread = unread;
  }

  async update(): Promise<ProgressCounts> {
    const planned = await this.#readOnce(planKey(this.#runId), plan);
    this.#add(planned?.tasks ?? []);
    // If an earlier run has read a table of children, this run selects what to read again only after their parents are
    // merged. Until then, the number of tasks is unknown.
    if (planned) {
      this.#streams = planned.streams;
      this.#isKnown = planned.streams.every((name) => !children.has(name) || this.#unread(name));
    }
    for (const each of await this.#news(roundsPrefix(this.#runId))) {
      this.#isKnown = true;
      this.#add(round.safeParse(each).data?.tasks ?? []);
    }
    for (const text of await this.#news(convertReceiptsPrefix(this.#runId)))
      this.#count(convertReceipt.safeParse(text).data);
    for (const text of await this.#news(extractReceiptsPrefix(this.#runId))) {
      const receipt = extractReceipt.safeParse(text).data;
      if (!receipt) continue;
      if (isProvisional(receipt, new Date())) {
        // The task goes on, and its receipt will be replaced: read it again.
        this.#read.delete(extractReceiptKey(this.#runId, receipt.taskId));
        continue;
      }
      this.#count(receipt.converted);
      this.#ended.add(receipt.taskId);
      const requests = receipt.requests - receipt.retries;
      this.#requests += requests;
      const task = this.#tasks.get(receipt.taskId);
      if (task) this.#tasks.set(receipt.taskId, { ...task, ended: { requests, read: receipt.read } });
    }
    const tasks = [...this.#tasks.values()];
    const unread = new Set(this.#streams.filter(this.#unread));
    return {
      isPlanned: this.#read.has(planKey(this.#runId)),
      rows: this.#rows,
      tasks: this.#ended.size,
      reading: [...new Set(tasks.flatMap(({ stream, ended }) => (ended ? [] : [stream])))],
      requests: this.#requests,
      expected: this.#isKnown ? expectedRequests({ tasks, rows: this.#rows, unread }, streams) : undefined,
      waiting: await this.#waiting(),
    };
  }

  #add(tasks: readonly Task[]): void {
    for (const { taskId, stream, selection } of tasks) this.#tasks.set(taskId, { stream, selection, ended: undefined });
  }

  async #waiting(): Promise<Waiting | undefined> {
    const text = await readFile(join(this.#out, waitingKey(this.#runId)), 'utf8').catch(() => 'null');
    const stored = waiting.nullable().parse(JSON.parse(text));
    return stored && Date.parse(stored.until) > Date.now() ? stored : undefined;
  }

  #count(receipt: ConvertReceipt | null | undefined): void {
    if (receipt) this.#rows.set(receipt.stream, (this.#rows.get(receipt.stream) ?? 0) + receipt.rowsOut);
  }

  async #readOnce<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    if (this.#read.has(key)) return undefined;
    const text = await readFile(join(this.#out, key), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    this.#read.add(key);
    return schema.safeParse(JSON.parse(text)).data;
  }

  async #news(prefix: string): Promise<unknown[]> {
    const folder = join(this.#out, prefix);
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const fresh = names.filter((name) => /\.json(\.gz)?$/.test(name) && !this.#read.has(prefix + name));
    return Promise.all(
      fresh.map(async (name) => {
        this.#read.add(prefix + name);
        const bytes = await readFile(join(folder, name));
        return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as unknown;
      }),
    );
  }
}
