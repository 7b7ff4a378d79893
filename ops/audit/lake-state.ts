import { z } from 'zod';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import { parseRawLine } from '../../lambdas/core/rows/raw-line.ts';
import { createRowParser } from '../../lambdas/core/rows/rows.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import { type Copy, CurrentState } from '../lake/current-state.ts';
import type { Snapshot } from '../lake/nightly-tables.ts';
import { digestOf, keyText, timeOf } from '../lake/row-version.ts';

/** The current row of a key, as far as it is compared. */
export interface LakeRow {
  readonly updatedAt: number | null;
  /** Of the columns that are compared, where there is no `updatedAt`. */
  readonly digest: string | null;
  /** When the row was last changed, else created, as far as it says. */
  readonly changedAt: number | null;
  /** When a copy of it was last read. */
  readonly lastReadAt: number;
}

interface LakeCopy extends Copy {
  readonly digest: string | null;
  readonly createdAt: number | null;
}

export interface LakeReading {
  readonly stream: Stream;
  /** The newest complete listing of the table, where there is one. */
  readonly snapshot: Snapshot | undefined;
  /** Columns of {@link digestOf}. */
  readonly compared: readonly string[];
}

interface Read {
  readonly key: string;
  readonly copy: LakeCopy;
  readonly deletedAt: number | null;
}

type Fields = Readonly<Record<string, unknown>>;

const meta = z.object({ _run_id: z.string(), _extracted_at: z.date(), _deleted_at: z.date().nullish() });

/** The current rows of a table, exactly those of its view, out of its files in any order. Of a row is kept what is compared. */
export class LakeState {
  readonly #state = new CurrentState<LakeCopy>();
  readonly #reading: LakeReading;

  constructor(reading: LakeReading) {
    this.#reading = reading;
  }

  /** @returns false where it is no file of this table's rows: then none of them is added */
  async addParquet(body: Uint8Array): Promise<boolean> {
    const { stream, compared } = this.#reading;
    try {
      const rows = await readParquet(body, [...stream.key, 'updated_at', 'created_at', ...Object.keys(meta.shape)]);
      const needsDigest = rows.some((row) => row['updated_at'] === null && row['_deleted_at'] === null);
      const versions = needsDigest ? await readParquet(body, compared) : undefined;
      const read = rows.map((row, index) => this.#read(row, versions?.[index] ?? {}));
      for (const row of read) this.#add(row);
      return true;
    } catch {
      return false;
    }
  }

  /** Rows of a raw chunk, as if its file were there. */
  addChunk(lines: readonly string[], runId: string): void {
    const parser = createRowParser(this.#reading.stream, runId);
    for (const line of lines) {
      const parsed = parser.parse(parseRawLine(line));
      if ('row' in parsed) this.#add(this.#read(parsed.row, parsed.row));
    }
  }

  rows(): Map<string, LakeRow> {
    const rows = new Map<string, LakeRow>();
    for (const { key, copy, lastReadAt } of this.#state.rows()) {
      const { updatedAt, digest, createdAt } = copy;
      rows.set(key, { updatedAt, digest, changedAt: updatedAt ?? createdAt, lastReadAt });
    }
    return rows;
  }

  #read(row: Fields, version: Fields): Read {
    const { stream, compared } = this.#reading;
    const { _run_id: runId, _extracted_at: extracted, _deleted_at: deleted } = meta.parse(row);
    const extractedAt = extracted.getTime();
    const updatedAt = timeOf(row['updated_at']);
    const digest = updatedAt === null && !deleted ? digestOf(version, compared) : null;
    const copy = { updatedAt, extractedAt, runId, digest, createdAt: timeOf(row['created_at']) };
    return { key: keyText(stream, row), copy, deletedAt: timeOf(deleted) };
  }

  #add({ key, copy, deletedAt }: Read): void {
    const { stream, snapshot } = this.#reading;
    if (snapshot && isSnapshot(stream) && copy.runId !== snapshot.runId && copy.extractedAt < snapshot.startedAt)
      return;
    if (deletedAt === null) this.#state.add(key, copy);
    else this.#state.bury(key, deletedAt);
  }
}
