/**
 * Keys of every object in the bucket. Each is derived from ids alone, so that work done twice
 * writes to the same place.
 */

export const prefixes = { raw: 'raw/', lake: 'lake/', current: 'current/', runs: 'runs/', state: 'state/' } as const;

export const pipelineStateKey = 'state/pipeline.json';
/** What the watcher has seen and told. */
export const watchKey = 'state/watch.json';

export const planKey = (runId: string) => `runs/${runId}/plan.json`;
/** Tasks that publish added to the run: its {@link Round}s, counted from 1. */
export const roundsPrefix = (runId: string) => `runs/${runId}/rounds/`;
export const roundKey = (runId: string, round: number) => `${roundsPrefix(runId)}${padded(round)}.json.gz`;
/** Present once every message of the round has been sent. */
export const roundSentKey = (runId: string, round: number) => `runs/${runId}/sent/${padded(round)}`;
/** What publish has merged of the run so far. */
export const progressKey = (runId: string) => `runs/${runId}/progress.json`;
/** Present if the API key lacks the scope of a stream: no other task of the run asks for it. */
export const forbiddenKey = (runId: string, stream: string) => `runs/${runId}/forbidden/${stream}.json`;
/** Present if a person has approved the deletions that a guard held. */
export const approvalKey = (runId: string) => `runs/${runId}/approved.json`;
/** Present once every message of the plan has been sent. */
export const dispatchedKey = (runId: string) => `runs/${runId}/dispatched`;
/** Present when the run must stop at once (the API key is bad): a {@link Failure}. */
export const abortedKey = (runId: string) => `runs/${runId}/aborted.json`;
/** What the run has waited for last, if the API asked it to wait: a {@link Waiting}. */
export const waitingKey = (runId: string) => `runs/${runId}/waiting.json`;
/** Present once the run is over: its {@link RunReport}. */
export const reportKey = (runId: string) => `runs/${runId}/report.json`;
/** Which run follows an export of the vendor; by the digest of its id, since an id may hold anything. */
export const exportOwnerKey = (idDigest: string) => `state/exports/${idDigest}.json`;
/** How often each failed webhook delivery was asked for again. */
export const askedDeliveriesKey = 'state/asked-deliveries.json';
/** The export job that the run with this id has started. */
export const exportJobKey = (runId: string) => `runs/${runId}/export.json`;
/** Present where work of the run was sent again: its {@link Replay}. */
export const replayKey = (runId: string) => `runs/${runId}/replay.json`;
/** Present once the event about the run's end, with this status, has been emitted; after each replay anew. */
export const announcedKey = (runId: string, status: string, replayedAt?: string) =>
  `runs/${runId}/announced-${status}${replayedAt === undefined ? '' : `-${replayedAt.replaceAll(/[-:.]/g, '')}`}`;
export const extractReceiptsPrefix = (runId: string) => `runs/${runId}/extract/`;
export const extractReceiptKey = (runId: string, taskId: string) => `${extractReceiptsPrefix(runId)}${taskId}.json`;
export const convertReceiptsPrefix = (runId: string) => `runs/${runId}/convert/`;
export const convertReceiptKey = (runId: string, taskId: string, sequence: number) =>
  `${convertReceiptsPrefix(runId)}${taskId}/${padded(sequence)}.json`;

export const chunkPrefix = (stream: string, runId: string, taskId: string) => `raw/${stream}/${runId}/${taskId}/`;
/** A cursor that is too long for the metadata of a chunk; beside the chunks, of which the prefix holds nothing else. */
export const cursorKey = (stream: string, runId: string, taskId: string, digest: string) =>
  `raw/${stream}/${runId}/${taskId}.cursors/${digest}`;
export const chunkKey = (stream: string, runId: string, taskId: string, sequence: number) =>
  `${chunkPrefix(stream, runId, taskId)}${padded(sequence)}.ndjson.gz`;

/** @param date the UTC day on which the run started, `YYYY-MM-DD` */
export const parquetKey = (table: string, date: string, runId: string, taskId: string, sequence: number) =>
  `lake/${table}/dt=${date}/${runId}-${taskId}-${padded(sequence)}.parquet`;

/** Of the runs that began on a day. */
export const runTablePrefix = (date: string) => `lake/pipeline_runs/dt=${date}/`;
/** What a key of {@link parquetKey} is made of; undefined for any other key. */
export function parquetFile(
  key: string,
): { table: string; date: string; runId: string; taskId: string; sequence: number } | undefined {
  // Neither a part of a run's id nor a task's id has a hyphen, so their number tells the two apart.
  const pattern =
    /^lake\/([a-z0-9_]+)\/dt=(\d{4}-\d{2}-\d{2})\/([a-z]+-[0-9TZ]+(?:-[a-z0-9]+)?)-([a-z0-9_.]+)-(\d{6,})\.parquet$/;
  const [, table = '', date = '', runId = '', taskId = '', sequence] = pattern.exec(key) ?? [];
  return sequence === undefined ? undefined : { table, date, runId, taskId, sequence: Number(sequence) };
}

export const runTableKey = (date: string, runId: string) => `${runTablePrefix(date)}${runId}.parquet`;

/** Day and run of a file of a table; undefined for any other key. */
export function fileOfRun(key: string): { date: string; runId: string } | undefined {
  const pattern = /^lake\/pipeline_runs\/dt=(\d{4}-\d{2}-\d{2})\/([a-z]+-[0-9TZ]+(?:-[a-z0-9]+)?)\.parquet$/;
  const [, date, runId] = pattern.exec(key) ?? [];
  return date !== undefined && runId !== undefined ? { date, runId } : parquetFile(key);
}

/** @param startedAt ISO time of the run's start */
export const partitionDate = (startedAt: string) => startedAt.slice(0, 10);

function padded(sequence: number): string {
  return String(sequence).padStart(6, '0');
}
