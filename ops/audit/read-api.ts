import type { Selection } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { readPages, start } from '../../lambdas/core/extract/pages.ts';
import { rememberListing } from '../../lambdas/core/extract/paging-guard.ts';
import type { Api, Clock } from '../../lambdas/core/ports.ts';
import { parseRawLine } from '../../lambdas/core/rows/raw-line.ts';
import { rowFacts } from '../../lambdas/core/rows/row-ids.ts';
import { createRowParser } from '../../lambdas/core/rows/rows.ts';
import { digestOf, keyText, timeOf } from '../lake/row-version.ts';

/** A row as the API gives it now, as far as it is compared. */
export interface ApiRow {
  readonly key: string;
  /** By which its children are asked for; undefined where that cannot be. */
  readonly id: string | undefined;
  readonly updatedAt: number | null;
  readonly digest: string | null;
  readonly changedAt: number | null;
}

export interface ApiPage {
  readonly rows: readonly ApiRow[];
  /** Of the ids or parents that were asked for: 1 where the API knows it no more. */
  readonly gone: number;
}

export interface ApiReading {
  readonly stream: Stream;
  readonly compared: readonly string[];
  readonly api: Api;
  readonly clock: Clock;
}

/** `limit`, where the contract documents it; a full page is the cheapest way through a list. */
const pageSize = 100;
/** A person waits: a rate limit is waited out, up to this. */
const patience = { remainingMilliseconds: () => 900_000 };

/**
 * Pages as the pipeline reads them, parsed as it parses them. Rows without a usable key are left out: they
 * stand in `rejected_rows`.
 * @throws PipelineError
 */
export async function* readApi(
  { stream, compared, api, clock }: ApiReading,
  selection: Selection,
): AsyncGenerator<ApiPage> {
  const { detail: _, ...plain } = stream;
  const parser = createRowParser(plain, 'audit');
  const memory = rememberListing();
  const reading = { stream: plain, selection, api, clock, deadline: patience, pageSize, memory };
  for await (const { lines, gone } of readPages(reading, start)) {
    const rows: ApiRow[] = [];
    for (const line of gone > 0 ? [] : lines) {
      const raw = parseRawLine(line);
      const parsed = parser.parse(raw);
      if (!('row' in parsed)) continue;
      const { row } = parsed;
      const updatedAt = timeOf(row['updated_at']);
      rows.push({
        key: keyText(stream, row),
        id: rowFacts(stream, raw.row).id,
        updatedAt,
        digest: updatedAt === null ? digestOf(row, compared) : null,
        changedAt: updatedAt ?? timeOf(row['created_at']),
      });
    }
    yield { rows, gone };
  }
}
