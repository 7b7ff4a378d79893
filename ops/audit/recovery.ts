import { chunkKey, planKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import { convertReceipt, extractReceipt, failure, plan, replay, runReport } from '../../lambdas/contract/run.ts';
import { readChunk } from '../../lambdas/core/chunk-log.ts';
import { inBatches } from '../../lambdas/core/in-batches.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { parseRawLine } from '../../lambdas/core/raw-line.ts';
import type { Damage } from '../lake/damage.ts';

export interface RawChunk {
  readonly stream: string;
  readonly runId: string;
  readonly taskId: string;
  readonly sequence: number;
}

const schemas = [
  [/^plan\.json$/, plan],
  [/^report\.json$/, runReport],
  [/^replay\.json$/, replay],
  [/^aborted\.json$/, failure],
  [/^extract\/.*\.json$/, extractReceipt],
  [/^convert\/.*\.json$/, convertReceipt],
] as const;

/** Tells what can be made again: what a function cannot read it cannot work with. */
export class Recovery {
  readonly #store: ObjectStore;
  readonly #damage: Damage;
  readonly #whole = new Map<string, Promise<boolean>>();

  constructor(store: ObjectStore, damage: Damage) {
    this.#store = store;
    this.#damage = damage;
  }

  async canConvert({ stream, runId, taskId, sequence }: RawChunk): Promise<boolean> {
    const lines = await this.#damage.passOver(() => readChunk(this.#store, chunkKey(stream, runId, taskId, sequence)));
    return lines !== undefined && lines.every(isRawLine) && (await this.canPublish(runId));
  }

  /** Whether the record of a run is there, and all of it can be read: publish reads all of it. */
  canPublish(runId: string): Promise<boolean> {
    const known = this.#whole.get(runId) ?? this.#isWhole(runId);
    this.#whole.set(runId, known);
    return known;
  }

  async #isWhole(runId: string): Promise<boolean> {
    const prefix = `${prefixes.runs}${runId}/`;
    const keys: string[] = [];
    for await (const { key } of this.#store.list(prefix)) keys.push(key);
    const read = await inBatches(keys, async (key) => {
      const [, schema] = schemas.find(([name]) => name.test(key.slice(prefix.length))) ?? [];
      return schema === undefined || (await this.#damage.readJson<unknown>(this.#store, key, schema)) !== undefined;
    });
    return keys.includes(planKey(runId)) && read.every(Boolean);
  }
}

function isRawLine(line: string): boolean {
  try {
    parseRawLine(line);
    return true;
  } catch {
    return false;
  }
}
