import { pipelineState, type RunReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import type { Struck } from './hostile-api.ts';
import { kinds } from './hostile-faults.ts';
import { type Bounds, compare, currentState } from './hostile-oracle.ts';
import { rowsOf } from './lake-reader.ts';
import type { MemoryStore } from './memory-store.ts';

/** As often as a request is made again in place: so many failures of one stream end no message. */
const endured = 4;

/** What is wrong with what the latest of these runs says of a table, and with the table itself. */
export async function tableFaults(
  stream: Stream,
  reports: readonly RunReport[],
  store: MemoryStore,
  bounds: Bounds,
): Promise<string[]> {
  const { name } = stream;
  const report = reports.at(-1);
  const table = report?.tables[name];
  if (!report || !table) return [`${name} is not in the report`];
  const { status, error, rowsExtracted, rowsWritten, rowsRejected } = table;
  const faults: string[] = [];
  const files = (await rowsOf(store, name)).filter((row) => row['_run_id'] === report.runId).length;
  if (files !== rowsWritten) faults.push(`${name} has ${files} rows in files, ${rowsWritten} told`);
  if ((status === 'complete') !== (error === null))
    faults.push(`${name} is ${status}, and its error is ${error?.code}`);
  const current = await currentState(store, stream, reports);
  if (status !== 'complete') {
    for (const [key, text] of current) if (!bounds.ever.has(text)) faults.push(`${name}: ${key} is ${text}`);
    return faults;
  }
  if (rowsExtracted !== rowsWritten + rowsRejected) faults.push(`the counts of ${name} do not agree`);
  faults.push(...compare(stream, current, bounds));
  const setAside = new Set((await rowsOf(store, 'rejected_rows')).map((row) => String(row['raw'])));
  for (const text of bounds.ended.rejected)
    if (!setAside.has(text)) faults.push(`${name}: ${text.slice(0, 80)} is not set aside`);
  return faults;
}

/**
 * What is wrong with how a run ended: only what was struck may be incomplete, and only where it was struck
 * more often than is tried again, or for good; a refused key fails all of it.
 */
export function runFaults(
  report: RunReport,
  streams: readonly Stream[],
  store: MemoryStore,
  struck: readonly Struck[],
): string[] {
  const faults: string[] = [];
  const statuses = streams.map(({ name }) => report.tables[name]?.status);
  const isStopped = struck.some(({ planned }) => kinds[planned.kind].effect === 'ends');
  const isFailed = isStopped || statuses.every((status) => status === 'failed');
  const wanted = isFailed ? 'failed' : statuses.every((status) => status === 'complete') ? 'complete' : 'partial';
  if (report.status !== wanted) faults.push(`the run is ${report.status}, and not ${wanted}`);
  for (const { name } of streams) {
    const error = report.tables[name]?.error;
    if (error && !isStopped && !mayFail(name, struck)) faults.push(`${name} ends with ${error.code}: ${error.message}`);
  }
  const { watermarks, underWay } = pipelineState.parse(store.json('state/pipeline.json'));
  if (Object.keys(underWay).length > 0) faults.push('a run is still under way');
  for (const [name, { status }] of Object.entries(report.tables))
    if ((watermarks[name]?.runId === report.runId) !== (status === 'complete'))
      faults.push(`the watermark of ${name}, which is ${status}, is ${watermarks[name]?.at}`);
  return faults;
}

function mayFail(name: string, struck: readonly Struck[]): boolean {
  const family = withAbove(name);
  const effects = struck
    .filter(({ planned }) => family.includes(planned.target.split(' ')[0] ?? ''))
    .map(({ planned }) => kinds[planned.kind].effect);
  const passing = effects.filter((effect) => effect === 'passes').length;
  return effects.includes('fails') || effects.includes('waits') || passing > endured;
}

/** A stream and those above it. */
function withAbove(name: string): string[] {
  const { parent } = streamNamed(name);
  return parent ? [name, ...withAbove(parent.stream)] : [name];
}
