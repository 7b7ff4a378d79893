/**
 * Keys of every object in the bucket. Each key is derived from ids alone, so repeated work writes to the same place.
 */

export const prefixes = { raw: 'raw/', lake: 'lake/', current: 'current/', runs: 'runs/', state: 'state/' } as const;

export const pipelineStateKey = 'state/pipeline.json';
/** What the watcher has seen, and which problems it has reported. */
export const watchKey = 'state/watch.json';
/** Which fields the API gave until now. Holds a {@link FieldState}. */
export const fieldStateKey = 'state/fields.json';
/** The problems that publish has already reported to a person. */
export const toldKey = 'state/told.json';
/** What the page of the last run shows besides that run: earlier runs, and what was counted in data files. */
export const pageStateKey = 'state/page.json.gz';

/** The HTML page about the last run. */
export const pageKey = 'pages/index.html';
/** The same page of a local run, at the top of its folder. */
export const localPageKey = 'index.html';

/** Keyed digests of the rows that `ops forget` erased, so that no later run stores them again. */
export const forgottenKey = 'state/forgotten.json';
/** The work of `ops forget` or `ops rehash` that is under way. It is deleted when the work is done. */
export const rewriteWorkKey = 'state/rewrite.json';
export const rewriteReceiptsPrefix = (command: 'forget' | 'rehash') => `state/${command}/`;
/** What a finished `ops forget` or `ops rehash` touched. Holds no personal data. @param id like `20261127T020000Z` */
export const rewriteReceiptKey = (command: 'forget' | 'rehash', id: string) =>
  `${rewriteReceiptsPrefix(command)}${id}.json`;

/** Prefix of a run's own records, such as its plan and receipts. The rows that it read are elsewhere. */
export const runPrefix = (runId: string) => `runs/${runId}/`;
export const planKey = (runId: string) => `runs/${runId}/plan.json`;
/** Rounds of tasks that publish added to the run, numbered from 1. Each is a {@link Round}. */
export const roundsPrefix = (runId: string) => `runs/${runId}/rounds/`;
export const roundKey = (runId: string, round: number) => `${roundsPrefix(runId)}${padded(round)}.json.gz`;
export const sentPrefix = (runId: string) => `runs/${runId}/sent/`;
/** Present after every message of the round has been sent. */
export const roundSentKey = (runId: string, round: number) => `${sentPrefix(runId)}${padded(round)}`;
/** How much of the run has been merged so far. */
export const progressKey = (runId: string) => `runs/${runId}/progress.json`;
/** Present if the API key lacks the scope of a stream. Other tasks of the run then skip the stream. */
export const forbiddenKey = (runId: string, stream: string) => `runs/${runId}/forbidden/${stream}.json`;
/** Present if a person approved the deletions that the guard against mass deletion held back. */
export const approvalKey = (runId: string) => `runs/${runId}/approved.json`;
/** Present after every message of the plan has been sent. */
export const dispatchedKey = (runId: string) => `runs/${runId}/dispatched`;
/** Present if the run must stop at once because the API key is invalid. Holds a {@link Failure}. */
export const abortedKey = (runId: string) => `runs/${runId}/aborted.json`;
/** Whether each task that begins asks for the object: may the run go on, and what is it not to read? */
export const isAskedByEachTask = (key: string): boolean =>
  key === forgottenKey || /^runs\/[^/]+\/(aborted\.json|forbidden\/.*)$/.test(key);
/** Why the last check of the run was given up. Holds a {@link Failure}. */
export const failedCheckKey = (runId: string) => `runs/${runId}/failed-check.json`;
/** The latest wait that the API asked for, if any. Holds a {@link Waiting}. */
export const waitingKey = (runId: string) => `runs/${runId}/waiting.json`;
/** Present when the run is over. Holds its {@link RunReport}. */
export const reportKey = (runId: string) => `runs/${runId}/report.json`;
/**
 * Key of the record that says which run polls and loads an export of the vendor. The key has the digest of the export's
 * id because an id may hold any character.
 */
export const exportOwnerKey = (idDigest: string) => `state/exports/${idDigest}.json`;
/** How often each failed webhook delivery was requested again. */
export const askedDeliveriesKey = 'state/asked-deliveries.json';
/** The export job that this run started. */
export const exportJobKey = (runId: string) => `runs/${runId}/export.json`;
/** Present if work of the run was sent again. Holds its {@link Replay}. */
export const replayKey = (runId: string) => `runs/${runId}/replay.json`;
/** Present after the event about the run's end with this status was emitted. Each replay emits the event again. */
export const announcedKey = (runId: string, status: string, replayedAt?: string) =>
  `runs/${runId}/announced-${status}${replayedAt === undefined ? '' : `-${replayedAt.replaceAll(/[-:.]/g, '')}`}`;
/** The schema changes of the run that an event has already announced. */
export const announcedChangesKey = (runId: string) => `runs/${runId}/announced-schema.json`;
export const extractReceiptsPrefix = (runId: string) => `runs/${runId}/extract/`;
export const extractReceiptKey = (runId: string, taskId: string) => `${extractReceiptsPrefix(runId)}${taskId}.json`;
export const convertReceiptsPrefix = (runId: string) => `runs/${runId}/convert/`;
export const convertReceiptKey = (runId: string, taskId: string, sequence: number) =>
  `${convertReceiptsPrefix(runId)}${taskId}/${padded(sequence)}.json`;

export const rawPrefix = (stream: string, runId: string) => `raw/${stream}/${runId}/`;
export const chunkPrefix = (stream: string, runId: string, taskId: string) => `${rawPrefix(stream, runId)}${taskId}/`;
/**
 * Key of a cursor that is too long for the metadata of a chunk. It is outside the chunks' prefix, which holds only
 * chunks.
 */
export const cursorKey = (stream: string, runId: string, taskId: string, digest: string) =>
  `raw/${stream}/${runId}/${taskId}.cursors/${digest}`;
export const chunkKey = (stream: string, runId: string, taskId: string, sequence: number) =>
  `${chunkPrefix(stream, runId, taskId)}${padded(sequence)}.ndjson.gz`;

/**
 * Key of the Parquet file that a chunk is converted into. @param date the UTC day on which the run started, as
 * `YYYY-MM-DD`
 */
export const parquetKey = (table: string, date: string, runId: string, taskId: string, sequence: number) =>
  `lake/${table}/dt=${date}/${runId}-${taskId}-${padded(sequence)}.parquet`;

/** The rows of a run in `schema_changes`. */
export const schemaChangesKey = (date: string, runId: string) => `lake/schema_changes/dt=${date}/${runId}.parquet`;
/** Prefix of the `pipeline_runs` files of runs that started on a day. */
export const runTablePrefix = (date: string) => `lake/pipeline_runs/dt=${date}/`;
/** The parts of a key made by {@link parquetKey}; undefined for any other key. */
export function parquetFile(
  key: string,
): { table: string; date: string; runId: string; taskId: string; sequence: number } | undefined {
  // Task ids and the parts of a run id have no hyphens. So the number of hyphens shows where the run id ends.
  const pattern =
    /^lake\/([a-z0-9_]+)\/dt=(\d{4}-\d{2}-\d{2})\/([a-z]+-[0-9TZ]+(?:-[a-z0-9]+)?)-([a-z0-9_.]+)-(\d{6,})\.parquet$/;
  const [, table = '', date = '', runId = '', taskId = '', sequence] = pattern.exec(key) ?? [];
  return sequence === undefined ? undefined : { table, date, runId, taskId, sequence: Number(sequence) };
}

export const runTableKey = (date: string, runId: string) => `${runTablePrefix(date)}${runId}.parquet`;

/**
 * Day and run in the key of a table's file, including files of `pipeline_runs` and `schema_changes`; undefined for any
 * other key.
 */
export function fileOfRun(key: string): { date: string; runId: string } | undefined {
  const pattern =
    /^lake\/(?:pipeline_runs|schema_changes)\/dt=(\d{4}-\d{2}-\d{2})\/([a-z]+-[0-9TZ]+(?:-[a-z0-9]+)?)\.parquet$/;
  const [, date, runId] = pattern.exec(key) ?? [];
  return date !== undefined && runId !== undefined ? { date, runId } : parquetFile(key);
}

/** The UTC day of a partition. @param startedAt ISO time of the run's start */
export const partitionDate = (startedAt: string) => startedAt.slice(0, 10);

function padded(sequence: number): string {
  return String(sequence).padStart(6, '0');
}
