import { readFileSync } from 'node:fs';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import type { RunReport, TableReport } from '../../lambdas/contract/run-report.ts';
import { emptyPageState, type EndedRun, withRun } from '../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../lambdas/core/page/render-page.ts';
import type { PageSettings } from '../../lambdas/core/page/write-page.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { countedTables } from '../../lambdas/streams/counted-tables.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { tableReport } from './table-report.ts';

export const pageTemplate = readFileSync(new URL('../../lambdas/adapters/page.html', import.meta.url), 'utf8');

/** The settings with which publish writes the page, with all tables of the registry. */
export const pageSettings: PageSettings = {
  workspace: 'main',
  localFlags: '',
  pageKey: 'pages/index.html',
  template: async () => pageTemplate,
  streams,
  ownTables: [...ownTables, childReads],
  counted: countedTables,
  requestsPerMinute: 600,
  expectedHours: 27,
};

/** The data that the script of a page draws. */
export function dataIn(page: string): unknown {
  return JSON.parse(/<script type="application\/json" id="page-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '');
}

const hour = 3_600_000;
const night = 24 * hour;

export interface NightOptions {
  readonly kind?: RunReport['kind'];
  readonly tables?: Readonly<Record<string, Partial<TableReport>>>;
  readonly problems?: EndedRun['problems'];
  /** Tables that the run could not begin to read, and the hours since each was read whole; undefined: never. */
  readonly notBegun?: Readonly<Record<string, number | undefined>>;
}

/** A run over every table, `nights` nights after the first of January 2026. */
export function nightAfter(
  nights: number,
  { kind = 'nightly', tables = {}, problems = [], notBegun = {} }: NightOptions = {},
): EndedRun {
  const startedAt = new Date(Date.UTC(2026, 0, 1, 2) + nights * night);
  const after = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000).toISOString();
  const reports = Object.fromEntries(
    streams.map(({ name }, at) => [
      name,
      tableReport({ rowsWritten: 4_000 + nights, rowsChanged: 37, requests: 40 + at, ...tables[name] }),
    ]),
  );
  const statuses = new Set(Object.values(reports).map(({ status }) => status));
  const isWhole = statuses.size === 1 && statuses.has('complete');
  const isFailed = statuses.size === 1 && statuses.has('failed');
  return {
    report: {
      runId: runIdOf(kind, startedAt),
      kind,
      status: isWhole ? 'complete' : isFailed ? 'failed' : 'partial',
      startedAt: startedAt.toISOString(),
      finishedAt: after(900),
      tables: reports,
    },
    problems,
    spans: streams
      .map(({ name }, at) => ({ stream: name, from: after(at * 10), to: after(at * 10 + 60), requests: 40 + at }))
      .filter(({ stream }) => !(stream in notBegun)),
    rows: new Map(streams.map(({ name }, at) => [name, 19_000 + at * 1_000 + nights * 11])),
    hours: new Map(
      streams.flatMap(({ name }) => {
        const hours = name in notBegun ? notBegun[name] : 0.25;
        return hours === undefined ? [] : [[name, hours] as const];
      }),
    ),
  };
}

/** When the tests write a page. */
export const renderedAt = new Date('2026-12-31T03:00:00.000Z');

/** The page after one night, without the template around it. */
export const pageAfter = (
  run: ReturnType<typeof nightAfter>,
  more: Partial<typeof emptyPageState> = {},
  settings = pageSettings,
) => renderPage({ ...withRun(emptyPageState, run), ...more }, settings, '%content%', renderedAt);
