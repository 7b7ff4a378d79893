import type { Failure, Selection } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { compareKeys } from '../../lambdas/core/current/keys.ts';
import { PipelineError } from '../../lambdas/core/errors.ts';
import { rememberListing } from '../../lambdas/core/api/paging-guard.ts';
import { readSelection, start } from '../../lambdas/core/extract/read-selection.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import { type Forgotten, forgottenIn } from '../../lambdas/core/rows/forgotten.ts';
import { parseOutcome, parseRawLine } from '../../lambdas/core/rows/raw-line.ts';
import { idOf } from '../../lambdas/core/rows/row-ids.ts';
import { createRowParser, type RowParser } from '../../lambdas/core/rows/rows.ts';
import { fingerprintsOf } from '../lake/changed-columns.ts';
import type { ComparedRow } from './compare-rows.ts';
import { BudgetSpentError } from './request-budget.ts';
import { comparedRow } from './compared-row.ts';

/** A row as the API returns it now. */
export interface ApiRow extends ComparedRow {
  /** Id with which the row's children are requested; undefined if they cannot be. */
  readonly id: string | undefined;
  /** See {@link fingerprintsOf}. */
  readonly content: Uint32Array;
}

export interface ApiSide {
  /** Rows sorted by key, each key once. */
  readonly rows: readonly ApiRow[];
  /** Parents or ids of the selection that were read completely. */
  readonly read: ReadonlySet<string>;
  /** Parents or ids for which the API answered 404 or 410. */
  readonly missing: ReadonlySet<string>;
  /** Rows of persons who were forgotten. They are not among `rows`. */
  readonly forgotten: number;
  /** Number of rows without a usable key. They are not among `rows`. */
  readonly unusable: number;
  /** Why part of the selection was not read; null if all of it was. */
  readonly error: string | null;
}

const pageSize = 100;
/** Concurrent requests; the limiter sets the overall rate. */
const inFlight = 8;
/** A person waits for the audit, so it waits at most 15 minutes for a rate limit. */
const patience = { remainingMilliseconds: () => 900_000 };

export interface ReadPorts {
  readonly api: Api;
  readonly forgotten: Forgotten;
  /** Columns whose fingerprints are kept. */
  readonly columns: readonly string[];
  /** Gets the number of rows of each page. */
  readonly onPage: (rows: number) => void;
}

/**
 * Reads the selected rows of a stream with the code that the pipeline uses.
 * @throws PipelineError that is fatal, such as a refused key
 */
export async function readApi(
  stream: Stream,
  selection: Selection,
  { api, forgotten, columns, onPage }: ReadPorts,
): Promise<ApiSide> {
  const parser = createRowParser(stream, 'audit');
  const rows: ApiRow[] = [];
  const missing = new Set<string>();
  const failed = new Map<string, Failure>();
  let [done, left, unusable] = [0, 0, 0];
  let error: string | null = null;
  const reading = { stream, selection, api, deadline: patience, pageSize, inFlight, memory: rememberListing() };
  try {
    for await (const { lines, next } of readSelection(reading, start)) {
      const before = rows.length;
      for (const line of lines) {
        const outcome = parseOutcome(line);
        if (!outcome && forgottenIn(stream, parseRawLine(line), forgotten).length > 0) left += 1;
        else if (!outcome) {
          const row = apiRow(stream, columns, parser, line);
          if (row) rows.push(row);
          else unusable += 1;
        } else if ('failure' in outcome && outcome.failure) failed.set(outcome.item, outcome.failure);
        else if ('failure' in outcome) missing.add(outcome.item);
      }
      done = next.item;
      onPage(rows.length - before);
    }
  } catch (thrown) {
    error = reasonOf(thrown);
  }
  const [firstFailed] = failed;
  if (error === null && firstFailed)
    error = `${failed.size} of ${done} could not be read, such as ${firstFailed[0]}: ${firstFailed[1].message}`;
  const read = itemsOf(selection).slice(0, done);
  return {
    rows: sorted(rows),
    read: new Set(read.filter((item) => !missing.has(item) && !failed.has(item))),
    missing,
    forgotten: left,
    unusable,
    error,
  };
}

function itemsOf(selection: Selection): readonly string[] {
  if (selection.kind === 'children') return selection.parents;
  return selection.kind === 'ids' ? selection.ids : [];
}

/** The compared parts of a row; undefined if it has no usable key. */
function apiRow(stream: Stream, columns: readonly string[], parser: RowParser, line: string): ApiRow | undefined {
  const raw = parseRawLine(line);
  const parsed = parser.parse(raw);
  if (!('row' in parsed)) return undefined;
  const content = fingerprintsOf(stream, parsed.row, columns);
  return { ...comparedRow(stream, parsed.row), id: idOf(raw.row), content };
}

/** Sorts rows by key. Of a row that appears twice, because it moved while its list was paged, keeps the later copy. */
function sorted(rows: readonly ApiRow[]): ApiRow[] {
  const inOrder = rows.toSorted((one, other) => compareKeys(one.key, other.key));
  return inOrder.filter((row, at) => {
    const next = inOrder[at + 1];
    return !next || compareKeys(row.key, next.key) !== 0;
  });
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof BudgetSpentError) return thrown.message;
  if (thrown instanceof PipelineError && thrown.disposition !== 'fatal') return thrown.message;
  throw thrown;
}
