/** Finds the subjects to forget: rows of the persons, and rows about them (such as threads) that own further rows. */

import { prefixes } from '../../contract/object-keys.ts';
import { currentTableOf, type Stream } from '../../contract/stream.ts';
import { type MergePorts, openDraft } from '../current/table-draft.ts';
import { readColumns, type RowColumns } from '../iceberg/data-file.ts';
import { chunkBytes, linesOf } from '../rows/chunk-file.ts';
import { readParquetColumns } from '../rows/parquet/read-columns.ts';
import { isRow, parseRawLine } from '../rows/raw-line.ts';
import { createRowParser, type ParsedRow } from '../rows/rows.ts';
import { type Subject, subjectKey, subjectsOf } from '../rows/subjects.ts';
import { inBatches } from '../store/in-batches.ts';
import { readObject } from '../store/stored-object.ts';
import { mayConcern } from './may-concern.ts';
import { createMatcher, type Matcher, type Persons } from './persons.ts';

export interface Wanted {
  readonly stream: string;
  readonly ids: readonly string[];
  /** E-mail addresses, in any spelling. */
  readonly addresses: readonly string[];
}

type Ports = Pick<MergePorts, 'store' | 'warehouse'>;

const addressColumn = 'email';
const plain = (address: string) => address.trim().toLowerCase();

export interface Found {
  /** The subjects, and those of their addresses that nobody else has. */
  readonly persons: Persons;
  /** Ids and addresses that no row has, and none had, as they were given. */
  readonly unknown: readonly string[];
}

/** @param streams all streams, parents before their children */
export async function findPersons(wanted: Wanted, streams: readonly Stream[], ports: Ports): Promise<Found> {
  const subjects = new Map<string, Subject>();
  const add = (subject: Subject) => subjects.set(subjectKey(subject), subject);
  const unknown = new Set([...wanted.ids, ...wanted.addresses]);
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
  if (wanted.ids.length > 0) {
    const named = createMatcher({ subjects: [...subjects.values()], addresses: [] });
    for (const stream of streams.filter(({ name, about }) => name === wanted.stream || about?.stream === wanted.stream))
      for await (const row of rowsOf(stream, named, ports)) unknown.delete(ownId(stream, row));
  }
  if (asked.size > 0) {
    const named = createMatcher({ subjects: [], addresses: [...asked] });
    for (const stream of withAddress)
      for await (const row of rowsOf(stream, named, ports)) {
        const address = addressOf(row);
        const id = ownId(stream, row);
        if (address === undefined || !asked.has(plain(address)) || id === '') continue;
        add({ stream: wanted.stream, id });
        for (const each of wanted.addresses) if (plain(each) === plain(address)) unknown.delete(each);
      }
  }
  for (const stream of streams.filter((one) => hasDependents(one, streams))) {
    const known = createMatcher({ subjects: [...subjects.values()], addresses: [] });
    for await (const row of rowsOf(stream, known, ports))
      if (subjectsOf(stream, row).some((subject) => subjects.has(subjectKey(subject))))
        add({ stream: stream.name, id: String(row['id']) });
  }

  const matcher = createMatcher({ subjects: [...subjects.values()], addresses: [] });
  const isOwn = (stream: Stream, row: ParsedRow) => matcher.has({ stream: wanted.stream, id: ownId(stream, row) });
  const own = new Map([...asked].map((address) => [address, new Set([address])]));
  for (const stream of withAddress)
    for await (const row of rowsOf(stream, matcher, ports)) {
      const address = addressOf(row);
      if (address !== undefined && isOwn(stream, row))
        own.set(plain(address), (own.get(plain(address)) ?? new Set()).add(address));
    }
  const others = new Set<string>();
  const ownAddresses = createMatcher({ subjects: [], addresses: [...own.keys()] });
  for (const stream of withAddress)
    for await (const row of rowsOf(stream, ownAddresses, ports)) {
      const address = addressOf(row);
      if (address !== undefined && !isOwn(stream, row)) others.add(plain(address));
    }
  const addresses = [...own].flatMap(([address, spellings]) => (others.has(address) ? [] : [...spellings]));
  return { persons: { subjects: [...subjects.values()], addresses }, unknown: [...unknown] };
}

/** True if the rows of a stream belong to another row, and other rows belong to them. */
function hasDependents({ name, parent, about, key }: Stream, streams: readonly Stream[]): boolean {
  const isBelow = parent !== undefined || about !== undefined;
  return (
    isBelow && key.includes('id') && streams.some((one) => one.parent?.stream === name || one.about?.stream === name)
  );
}

/**
 * Ids and address of every copy of a row: current, in the history, and in raw chunks. Skips files and chunks in
 * which the matcher finds nobody.
 */
async function* rowsOf(stream: Stream, matcher: Matcher, ports: Ports): AsyncGenerator<ParsedRow> {
  const { store } = ports;
  const { key, parent, about, columns, name } = stream;
  const wanted = [
    ...new Set([...key, ...(parent ? [parent.key] : []), ...(about ? [about.column] : []), addressColumn]),
  ].filter((column) => column in columns || column === parent?.key);
  if (!stream.historyOnly) {
    const { slots, schema, cache } = await openDraft(currentTableOf(stream), ports);
    for await (const [file, body] of cache.each(slots.map((slot) => slot.file)))
      if (mayConcern(body, matcher)) yield* eachRow(await readColumns(file.key, body, schema, wanted));
  }
  for await (const [file, body] of bodiesOf(`${prefixes.lake}${name}/`, '.parquet', store))
    if (mayConcern(body, matcher)) yield* eachRow(await readParquetColumns(file, body, wanted));
  const parser = createRowParser(stream, '');
  for await (const [chunk, body] of bodiesOf(`${prefixes.raw}${name}/`, '.ndjson.gz', store)) {
    const bytes = chunkBytes(chunk, body);
    if (!matcher.mayStandIn(bytes)) continue;
    for (const line of linesOf(bytes)) {
      const parsed = isRow(line) ? parser.parse(parseRawLine(line)) : undefined;
      if (parsed && 'row' in parsed) yield parsed.row;
    }
  }
}

/** How many objects are read at once. */
const lotSize = 16;

async function* bodiesOf(
  prefix: string,
  ending: string,
  store: Ports['store'],
): AsyncGenerator<readonly [key: string, body: Uint8Array]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) if (key.endsWith(ending)) keys.push(key);
  for (let from = 0; from < keys.length; from += lotSize) {
    const read = await inBatches(keys.slice(from, from + lotSize), async (key) => ({
      key,
      object: await readObject(store, key),
    }));
    for (const { key, object } of read) if (object) yield [key, object.body];
  }
}

function* eachRow(columns: RowColumns): Generator<ParsedRow> {
  const names = Object.keys(columns);
  for (const at of (columns[names[0] ?? ''] ?? []).keys())
    yield Object.fromEntries(names.map((name) => [name, columns[name]?.[at] ?? null]));
}
