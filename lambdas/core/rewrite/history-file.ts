import { createHash } from 'node:crypto';
import type { Table } from '../../contract/stream.ts';
import { parquetFile } from '../../contract/object-keys.ts';
import type { ConvertReceipt } from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { columnNames, parquetFooter, readParquetColumns } from '../rows/parquet/read-columns.ts';
import { encode } from '../rows/parquet/write.ts';
import { changeConversion } from '../runs/convert-receipts.ts';
import { readObject } from '../store/stored-object.ts';
import type { Change } from './change.ts';
import { mayConcern } from './may-concern.ts';
import { changeRows } from './row-change.ts';

export interface ChangedFile {
  /** Undefined if no row is left: the file is then deleted. */
  readonly body: Uint8Array | undefined;
  readonly removed: number;
  readonly changed: number;
}

/**
 * A file of the history with its rows changed. It keeps its own columns, also those that the table does not declare.
 * @returns undefined if no row changed
 * @throws DamagedObjectError
 */
export async function changeFile(
  key: string,
  body: Uint8Array,
  table: Table,
  { rows: change, matcher }: Pick<Change, 'rows' | 'matcher'>,
): Promise<ChangedFile | undefined> {
  if (!mayConcern(body, matcher)) return undefined;
  const names = columnNames(key, body);
  const footer = parquetFooter(body);
  const after = changeRows(await readParquetColumns(key, body, names), change(table));
  if (!after) return undefined;
  const columns = names.map((name) => () => after.columns[name] ?? []);
  const { removed, changed } = after;
  return { body: after.rows === 0 ? undefined : encode(footer.schema, after.rows, columns), removed, changed };
}

const maxAttempts = 20;

/**
 * Corrects the receipt of a chunk after rows were removed from its file. Safe to repeat.
 * @param at when they were removed
 */
export async function correctReceipt(key: string, at: string, store: ObjectStore): Promise<void> {
  const place = parquetFile(key);
  if (!place) return;
  const object = await readObject(store, key);
  const correct = (receipt: ConvertReceipt) => corrected(receipt, key, object?.body, at);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) if (await changeConversion(store, place, correct)) return;
  throw new Error(`The receipt of ${key} was changed by others ${maxAttempts} times in a row; try again.`);
}

/** @returns undefined if the receipt is right */
function corrected(
  receipt: ConvertReceipt,
  key: string,
  body: Uint8Array | undefined,
  at: string,
): ConvertReceipt | undefined {
  const known = receipt.files.find((file) => file.key === key);
  const sha256 = body && createHash('sha256').update(body).digest('hex');
  if (!known || known.sha256 === sha256) return undefined;
  const rows = body ? Number(parquetFooter(body).num_rows) : 0;
  const file = body && sha256 !== undefined ? [{ key, rows, bytes: body.byteLength, sha256 }] : [];
  const removed = known.rows - rows;
  const isRejected = parquetFile(key)?.table !== receipt.stream;
  const { forgotten = { rows: 0, rejected: 0, files: 0 } } = receipt;
  return {
    ...receipt,
    rowsOut: receipt.rowsOut - (isRejected ? 0 : removed),
    rowsRejected: receipt.rowsRejected - (isRejected ? removed : 0),
    files: receipt.files.flatMap((one) => (one.key === key ? file : [one])),
    forgotten: {
      rows: forgotten.rows + removed,
      rejected: forgotten.rejected + (isRejected ? removed : 0),
      files: forgotten.files + (body ? 0 : 1),
      at,
    },
  };
}
