import { createHash } from 'node:crypto';
import type { RunReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { Row } from '../../local/simulator/data/table.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import { currentRows, plainValue } from './lake-oracle.ts';
import { rowsOf } from './lake-reader.ts';
import type { MemoryStore } from './memory-store.ts';
import { noUtf8 } from './odd-forms.ts';
import type { OddRows } from './odd-rows.ts';
import type { SimulatedWorkspace } from './workspace-api.ts';

/** What the tables have to hold of one table of the workspace, as it is at one moment. */
export interface Expected {
  /** By key: every declared value and `_extra`, as one text. */
  readonly rows: ReadonlyMap<string, string>;
  /** Keys that need not be there: what changed while it was read, and what hangs below it. */
  readonly uncertain: ReadonlySet<string>;
  /** Rows without a usable key, as the API gives them. */
  readonly rejected: ReadonlySet<string>;
}

export interface Doubt {
  /** Of rows of the workspace, as `<stream>/<id>`. */
  readonly touched: ReadonlySet<string>;
  /** Of parents whose list the API denied, as `<stream>/<id as the API gives it>`. */
  readonly denied: ReadonlySet<string>;
  /** Leads changed at or after this need not be there yet. */
  readonly readUpTo: number;
}

interface Parent {
  readonly stream: string;
  readonly original: string;
  readonly id: string | undefined;
  readonly uncertain: boolean;
}

/** What the tables of these streams have to hold now, told without the API. */
export function expectNow(
  workspace: SimulatedWorkspace,
  streams: readonly Stream[],
  odd: OddRows,
  { touched, denied, readUpTo }: Doubt,
): Map<string, Expected> {
  const tables = new Map<string, Expected>();
  const parents = new Map<string, Parent>();
  // Of two streams below the same one, a child may stand before its parent in the registry.
  for (const stream of streams.toSorted((a, b) => ancestors(a) - ancestors(b))) {
    const expected = { rows: new Map<string, string>(), uncertain: new Set<string>(), rejected: new Set<string>() };
    for (const { row, above, detail } of rowsOfTable(workspace, stream, parents)) {
      const { text, expected: expectedRow, id } = odd.of(stream, row, above?.id);
      const value = expectedRow();
      const uncertain =
        touched.has(`${stream.name}/${String(row['id'])}`) ||
        (above?.uncertain ?? false) ||
        denied.has(`${stream.name}/${above?.id ?? ''}`) ||
        (stream.cursor !== undefined && Date.parse(String(row[stream.cursor.field])) >= readUpTo);
      parents.set(`${stream.name}/${String(row['id'])}`, {
        stream: stream.name,
        original: String(row['id']),
        id,
        uncertain,
      });
      if (!value) {
        // A row is a line of a raw chunk, so breaks between its tokens are not kept.
        if (!uncertain) expected.rejected.add(text.replaceAll(noUtf8, '\uFFFD').replaceAll(/[\r\n]+/g, ' '));
        continue;
      }
      const parentKey = stream.parent ? { [stream.parent.key]: above?.id ?? null } : {};
      const columns: Readonly<Record<string, string | null>> = {
        ...parentKey,
        ...value.columns,
        ...(id === undefined ? {} : detail),
      };
      const key = stream.key.map((name) => columns[name] ?? '').join('/');
      expected.rows.set(key, textOf([...Object.values(columns), value.extra]));
      if (uncertain) expected.uncertain.add(key);
    }
    tables.set(stream.name, expected);
  }
  return tables;
}

function ancestors({ parent }: Stream): number {
  return parent ? 1 + ancestors(streamNamed(parent.stream)) : 0;
}

const longest = 2_000;

/** Values as one text; where that is long, its beginning and its digest. */
function textOf(values: readonly unknown[]): string {
  const text = JSON.stringify(values);
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)}… (${createHash('sha256').update(text).digest('hex')})`;
}

/** Rows as the API gives them; those below a parent that cannot be asked for are out of reach. */
function* rowsOfTable(
  simulated: SimulatedWorkspace,
  { name, parent, columns, detail }: Stream,
  parents: ReadonlyMap<string, Parent>,
): Generator<{ row: Row; above?: Parent; detail?: Record<string, string | null> }> {
  if (!parent) {
    for (const whole of simulated.rows(name)) {
      // The second answer's fields are not in the row that the list gives.
      const isSecond = (field: string) => detail?.fields.includes(field) ?? false;
      const row = Object.fromEntries(Object.entries(whole).filter(([field]) => !isSecond(field)));
      const second = Object.entries(columns).filter(([field]) => isSecond(field));
      yield {
        row,
        detail: Object.fromEntries(second.map(([field, { type }]) => [field, plainValue(type, whole[field])])),
      };
    }
    return;
  }
  for (const above of parents.values()) {
    const located =
      above.stream === parent.stream &&
      above.id !== undefined &&
      simulated.workspace.locate(parent.stream, above.original);
    if (located) for (const row of simulated.workspace.rows(name, located)) yield { row, above };
  }
}

/** Rows of the current state in the lake, by key, as {@link expectNow} writes them. */
export async function currentState(
  store: MemoryStore,
  stream: Stream,
  reports: readonly RunReport[],
): Promise<Map<string, string>> {
  const rows = currentRows(stream, await rowsOf(store, stream.name), reports);
  const columns = stream.parent
    ? { [stream.parent.key]: { type: 'string' as const }, ...stream.columns }
    : stream.columns;
  return new Map(
    rows.map((row) => {
      const values = Object.entries(columns).map(([name, { type }]) => plainValue(type, row[name]));
      const key = stream.key.map((name) => String(row[name])).join('/');
      return [key, textOf([...values, row['_extra'] ?? null])];
    }),
  );
}

export interface Bounds {
  /** What was to be read when the run began, and when it was over. */
  readonly began: Expected;
  readonly ended: Expected;
  /** Every text that a row of the table could have had so far. */
  readonly ever: ReadonlySet<string>;
}

/**
 * What is wrong with a table of which a run said that it is complete.
 */
export function compare(
  stream: Stream,
  current: ReadonlyMap<string, string>,
  { began, ended, ever }: Bounds,
): string[] {
  const faults: string[] = [];
  for (const [key, text] of ended.rows) {
    if (ended.uncertain.has(key) || began.uncertain.has(key)) continue;
    if (!current.has(key)) faults.push(`${stream.name}: ${key} is missing`);
    else if (current.get(key) !== text) faults.push(`${stream.name}: ${key} is ${current.get(key)} and not ${text}`);
  }
  for (const [key, text] of current) {
    const isGhost = !ended.rows.has(key) && (!isSnapshot(stream) || began.rows.has(key)) && ever.has(text);
    const isTouched = (ended.uncertain.has(key) || began.uncertain.has(key)) && ever.has(text);
    if (!isGhost && !isTouched && ended.rows.get(key) !== text)
      faults.push(`${stream.name}: ${key} should not be ${text}`);
  }
  return faults;
}
