/** Finds every row that is a subject: the persons themselves, and what is about them and has rows of its own. */

import { prefixes } from '../../contract/object-keys.ts';
import { currentTableOf, type Stream } from '../../contract/stream.ts';
import { readCurrent } from '../current/read-current.ts';
import type { MergePorts } from '../current/table-draft.ts';
import type { RowColumns } from '../iceberg/data-file.ts';
import { chunkLines } from '../rows/chunk-log.ts';
import { readParquetColumns } from '../rows/parquet/read-columns.ts';
import { isRow, parseRawLine } from '../rows/raw-line.ts';
import { createRowParser, type ParsedRow } from '../rows/rows.ts';
import { type Subject, subjectsOf } from '../rows/subjects.ts';
import { readObject } from '../store/stored-object.ts';
import { createMatcher, type Persons } from './persons.ts';

export interface Wanted {
  readonly stream: string;
  readonly ids: readonly string[];
  /** E-mail addresses, in any spelling. */
  readonly addresses: readonly string[];
}

type Ports = Pick<MergePorts, 'store' | 'warehouse'>;

const addressColumn = 'email';
const plain = (address: string) => address.trim().toLowerCase();

/**
 * @param streams all streams, parents before their children
 * @returns the subjects, and those of their addresses that nobody else has
 */
export async function findPersons(wanted: Wanted, streams: readonly Stream[], ports: Ports): Promise<Persons> {
  const subjects = new Map<string, Subject>();
  const add = (subject: Subject) => subjects.set(`${subject.stream}\n${subject.id}`, subject);
  for (const id of wanted.ids) add({ stream: wanted.stream, id });
  const asked = new Set(wanted.addresses.map(plain));
  const withAddress = streams.filter(
    ({ name, about, columns }) =>
      (name === wanted.stream || about?.stream === wanted.stream) && addressColumn in columns,
  );
  const ownId = ({ name, about }: Stream, row: ParsedRow) =>
    String(row[name === wanted.stream ? 'id' : (about?.column ?? '')] ?? '');
  const addressOf = (row: ParsedRow) => {
    const address = row[addressColumn];
    return typeof address === 'string' ? address : undefined;
  };
  if (asked.size > 0)
    for (const stream of withAddress)
      for await (const row of rowsOf(stream, ports)) {
        const address = addressOf(row);
        const id = ownId(stream, row);
        if (address !== undefined && asked.has(plain(address)) && id !== '') add({ stream: wanted.stream, id });
      }
  for (const stream of streams.filter((one) => hasDependents(one, streams)))
    for await (const row of rowsOf(stream, ports))
      if (subjectsOf(stream, row).some(({ stream: of, id }) => subjects.has(`${of}\n${id}`)))
        add({ stream: stream.name, id: String(row['id']) });

  const matcher = createMatcher({ subjects: [...subjects.values()], addresses: [] });
  const own = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const stream of withAddress)
    for await (const row of rowsOf(stream, ports)) {
      const address = addressOf(row);
      if (address === undefined) continue;
      const isOwn = matcher.has({ stream: wanted.stream, id: ownId(stream, row) });
      if (isOwn) own.set(plain(address), (own.get(plain(address)) ?? new Set()).add(address));
      else others.add(plain(address));
    }
  for (const address of asked) own.set(address, (own.get(address) ?? new Set()).add(address));
  const addresses = [...own].flatMap(([address, spellings]) => (others.has(address) ? [] : [...spellings]));
  return { subjects: [...subjects.values()], addresses };
}

/** True if the rows of a stream belong to another row, and other rows belong to them. */
function hasDependents({ name, parent, about, key }: Stream, streams: readonly Stream[]): boolean {
  const isBelow = parent !== undefined || about !== undefined;
  return (
    isBelow && key.includes('id') && streams.some((one) => one.parent?.stream === name || one.about?.stream === name)
  );
}

/** Ids of every copy of every row: current, in the history, and in raw chunks. */
async function* rowsOf(stream: Stream, ports: Ports): AsyncGenerator<ParsedRow> {
  const { store } = ports;
  const { key, parent, about, columns, name } = stream;
  const wanted = [
    ...new Set([...key, ...(parent ? [parent.key] : []), ...(about ? [about.column] : []), addressColumn]),
  ].filter((column) => column in columns || column === parent?.key);
  if (!stream.historyOnly)
    for await (const rows of readCurrent(currentTableOf(stream), wanted, ports)) yield* eachRow(rows);
  for await (const { key: file } of store.list(`${prefixes.lake}${name}/`)) {
    const object = file.endsWith('.parquet') ? await readObject(store, file) : undefined;
    if (object) yield* eachRow(await readParquetColumns(object.body, wanted));
  }
  const parser = createRowParser(stream, '');
  for await (const { key: chunk } of store.list(rawPrefix(name))) {
    const object = chunk.endsWith('.ndjson.gz') ? await readObject(store, chunk) : undefined;
    for (const line of object ? chunkLines(object.body) : []) {
      const parsed = isRow(line) ? parser.parse(parseRawLine(line)) : undefined;
      if (parsed && 'row' in parsed) yield parsed.row;
    }
  }
}

function rawPrefix(stream: string): string {
  return `${prefixes.raw}${stream}/`;
}

function* eachRow(columns: RowColumns): Generator<ParsedRow> {
  const names = Object.keys(columns);
  for (const at of (columns[names[0] ?? ''] ?? []).keys())
    yield Object.fromEntries(names.map((name) => [name, columns[name]?.[at] ?? null]));
}
