import type { z } from 'zod';
import {
  abortedKey,
  chunkKey,
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  planKey,
  prefixes,
  replayKey,
  reportKey,
} from '../../lambdas/contract/object-keys.ts';
import {
  convertReceipt,
  extractReceipt,
  failure,
  plan as planSchema,
  replay,
  runReport,
} from '../../lambdas/contract/run.ts';
import { readChunk } from '../../lambdas/core/rows/chunk-log.ts';
import { assessRun } from '../../lambdas/core/publish/completeness.ts';
import { chunkId } from '../../lambdas/core/runs/run-ids.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { parseRawLine } from '../../lambdas/core/rows/raw-line.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import type { Damage } from '../lake/damage.ts';

export interface RawChunk {
  readonly stream: string;
  readonly runId: string;
  readonly taskId: string;
  readonly sequence: number;
}

/** What publish would find of a run. */
interface RunRecord {
  /** Whether publish can work with it. */
  readonly isWhole: boolean;
  /** Whether nothing of it is missing, so that a replay of its work ends it as it was. */
  readonly isSettled: boolean;
}

/** Before any deadline: what is missing is waited for. */
const longAgo = new Date(0);

/** Tells what can be made again: what a function cannot read it cannot work with. */
export class Recovery {
  readonly #store: ObjectStore;
  readonly #damage: Damage;
  readonly #records = new Map<string, Promise<RunRecord>>();

  constructor(store: ObjectStore, damage: Damage) {
    this.#store = store;
    this.#damage = damage;
  }

  async canConvert({ stream, runId, taskId, sequence }: RawChunk): Promise<boolean> {
    const lines = await this.#damage.passOver(() => readChunk(this.#store, chunkKey(stream, runId, taskId, sequence)));
    return lines !== undefined && lines.every(isRawLine) && (await this.#record(runId)).isSettled;
  }

  /** Whether the record of a run is there, and all of it can be read. */
  async canPublish(runId: string): Promise<boolean> {
    return (await this.#record(runId)).isWhole;
  }

  #record(runId: string): Promise<RunRecord> {
    const known = this.#records.get(runId) ?? this.#readRecord(runId);
    this.#records.set(runId, known);
    return known;
  }

  async #readRecord(runId: string): Promise<RunRecord> {
    const one = <T>(key: string, schema: z.ZodType<T>) => this.#damage.readJson(this.#store, key, schema);
    const plan = await one(planKey(runId), planSchema);
    const report = await one(reportKey(runId), runReport);
    const replayed = await one(replayKey(runId), replay);
    const aborted = await one(abortedKey(runId), failure);
    const extracted = await this.#readAll(extractReceiptsPrefix(runId), extractReceipt);
    const converted = await this.#readAll(convertReceiptsPrefix(runId), convertReceipt);
    const isDamaged = this.#damage.keys.some((key) => key.startsWith(`${prefixes.runs}${runId}/`));
    if (!plan || isDamaged || !plan.streams.every(isStream)) return { isWhole: false, isSettled: false };
    const evidence = {
      plan,
      extractReceipts: new Map(extracted.map((receipt) => [receipt.taskId, receipt])),
      convertReceipts: new Map(converted.map((receipt) => [chunkId(receipt.taskId, receipt.sequence), receipt])),
      aborted,
      replay: replayed,
    };
    const isOver = assessRun(evidence, plan.streams.map(streamNamed), longAgo).over;
    // Of a run that ended without all of its work something is missing anyway.
    return { isWhole: true, isSettled: isOver || (report !== undefined && report.status !== 'complete') };
  }

  async #readAll<T>(prefix: string, schema: z.ZodType<T>): Promise<T[]> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(prefix)) keys.push(key);
    const read = await inBatches(keys, (key) => this.#damage.readJson(this.#store, key, schema));
    return read.flatMap((receipt) => (receipt === undefined ? [] : [receipt]));
  }
}

/** One that a later version has given up can be published no more. */
function isStream(name: string): boolean {
  return name === leadExports.name || streams.some((stream) => stream.name === name);
}

function isRawLine(line: string): boolean {
  try {
    parseRawLine(line);
    return true;
  } catch {
    return false;
  }
}
