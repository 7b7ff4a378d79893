import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { PageContext } from './page-context.ts';
import { causesOf, causeText } from '../runs/causes.ts';
import { runSeconds } from '../runs/duration-text.ts';
import { isWholeNight, leftOutOf } from '../runs/last-night.ts';
import { isNotDue } from '../runs/not-due.ts';
import { runError } from '../runs/run-error.ts';
import { counted, number } from '../runs/counted.ts';
import { day, duration, timeText } from './format.ts';
import { figure } from './figure.ts';
import { html, type Html, withCode } from './html.ts';
import { isUnread, type PageState } from './page-state.ts';
import { statusMark } from './status-mark.ts';

/** Number of nights in the chart that shows how each night ended. */
export const nightsCharted = 30;

/** Section with rows and freshness by table. Tables that the last nightly run left incomplete come first. */
export function tablesSection(state: PageState, { streams, localFlags }: PageContext): Html {
  const known = tablesInOrder(state, streams);
  const messages = state.lastNight ? errorMessages(state.lastNight.report, streams) : new Map<string, string>();
  const oldest = state.nights.at(-1);
  // The first night has no trend yet.
  const since =
    oldest && state.nights.length > 1 ? html`<th scope="col">Since ${day(oldest.startedAt)}</th>` : undefined;
  const message = (name: string) => {
    const text = messages.get(name);
    return text === undefined
      ? undefined
      : html`<tr class="why"><td colspan="${since ? 8 : 7}"><small class="error">${withCode(text, localFlags)}</small></td></tr>
`;
  };
  const left = streams.length - known.length;
  return html`<section id="tables" aria-labelledby="tables-title"><h2 id="tables-title">Tables</h2>
<p>${rowsText(state, known)}.${left > 0 ? ` ${counted(left, 'table is', 'tables are')} not read: see the catalogue.` : ''}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Rows and freshness by table"><table class="tables"><caption>Rows, freshness and the last night, by table</caption>
<thead><tr><th scope="col">Table</th><th scope="col">Last night</th><th scope="col">Read up to</th><th scope="col" class="n">Rows</th>${since}<th scope="col" class="n">Changed</th><th scope="col" class="n">Healed</th><th scope="col" class="n">Rejected</th></tr></thead>
<tbody>${known.map((name) => row(name, state, message(name)))}</tbody></table></div>
${state.nights.length > 1 ? nightsFigure(state) : undefined}
</section>`;
}

/** How many rows are in how many tables. A table without rows is empty only if the last night could read it. */
function rowsText(state: PageState, known: readonly string[]): string {
  const { rows } = state;
  const withRows = known.filter((name) => (rows[name] ?? 0) > 0);
  const unread = known.filter((name) => isUnread(state, name)).length;
  const empty = known.filter((name) => rows[name] === 0 && !isUnread(state, name)).length;
  const total = withRows.reduce((sum, name) => sum + (rows[name] ?? 0), 0);
  return [
    `${counted(total, 'current row')} in ${counted(withRows.length, 'table')}`,
    ...(empty > 0 ? [`${counted(empty, 'table is', 'tables are')} empty`] : []),
    ...(unread > 0 ? [`${counted(unread, 'table')} could not be read`] : []),
  ].join('; ');
}

/** Names of the tables: first those that the last nightly run left incomplete, then the others as the registry has them. */
export function tablesInOrder({ lastNight, rows, nights }: PageState, streams: PageContext['streams']): string[] {
  const tables = lastNight?.report.tables ?? {};
  // A table that is switched off and has no rows is known only if a night has read it before.
  const hasRead = (name: string) =>
    (rows[name] ?? 0) > 0 || nights.some((night) => night.tables[name]?.[1] === 'complete');
  const known = streams.flatMap(({ name }) => (name in tables || hasRead(name) ? [name] : []));
  const isWhole = (name: string) => (tables[name]?.status ?? 'complete') === 'complete';
  return [...known.filter((name) => !isWhole(name)), ...known.filter(isWhole)];
}

function row(name: string, state: PageState, message: Html | undefined): Html {
  const report = state.lastNight?.report.tables[name];
  return html`<tr><th scope="row"><a href="#t-${name}">${name}</a></th><td>${statusOf(name, state)}</td><td>${age(name, state)}</td><td class="n">${state.rows[name] === undefined ? '–' : number(state.rows[name])}</td>${state.nights.length > 1 ? html`<td>${trend(name, state)}</td>` : undefined}${count(report, ({ rowsChanged }) => rowsChanged)}${count(report, ({ rowsHealed }) => rowsHealed)}${count(report, ({ rowsRejected }) => rowsRejected)}</tr>
${message}`;
}

function statusOf(name: string, state: PageState): Html | string {
  const report = state.lastNight?.report.tables[name];
  if (!report) return isSwitchedOff(name, state) ? 'switched off' : 'not read';
  return isNotDue(report) ? 'not due' : statusMark(report.status);
}

/** Whether the last night left a table out because `streams` does not name it, and not because another run reads it. */
function isSwitchedOff(name: string, { lastNight, underWay = [] }: PageState): boolean {
  if (!lastNight || !isWholeNight(lastNight.report)) return false;
  return leftOutOf(lastNight.report, [name], underWay).switchedOff.length > 0;
}

const scopeText = 'The key lacks a scope (403).';

/**
 * Why each table is incomplete. A table with the cause of an earlier one refers to it. A missing scope is told in few
 * words, because the problem above names the scopes of all tables. Empty if one error is true of the whole run: it
 * stands above the table.
 */
function errorMessages(report: RunReport, streams: PageContext['streams']): Map<string, string> {
  if (runError(report)) return new Map();
  return new Map(
    causesOf(report, streams).flatMap((cause) => {
      if (cause.problem === 'ScopeMissing') return cause.tables.map((name) => [name, scopeText] as const);
      const [first = '', ...others] = cause.tables;
      return [[first, causeText(cause)] as const, ...others.map((name) => [name, `the same as ${first}`] as const)];
    }),
  );
}

function count(report: TableReport | undefined, of: (report: TableReport) => number): Html {
  if (!report) return html`<td class="n">–</td>`;
  return html`<td class="n">${of(report) === 0 ? html`<span class="nil">0</span>` : number(of(report))}</td>`;
}

function age(name: string, { lastNight, nights }: PageState): string {
  const report = lastNight?.report.tables[name];
  // A nightly run of fewer tables may have read it since.
  const newest = nights.find(({ tables }) => name in tables);
  if (report?.status === 'complete')
    return !newest || newest.runId === lastNight?.report.runId ? 'last night' : timeText(newest.startedAt);
  const hours = lastNight?.hours[name];
  if (!lastNight || hours === undefined) {
    const whole = nights.find(({ tables }) => tables[name]?.[1] === 'complete');
    return whole ? day(whole.startedAt) : 'never';
  }
  const seconds = Math.max(0, hours * 3_600 - runSeconds(lastNight.report));
  // The hours are rounded to a hundredth. Read to its end, but for example with deletions that are held back.
  if (report?.status === 'partial' && seconds <= 36) return 'partly last night';
  return `${duration(seconds)} earlier`;
}

/** How much a table's row count has changed, and the place where the page's script draws the counts as a line. */
function trend(name: string, { nights, rows }: PageState): Html {
  const first = nights.findLast(({ tables }) => typeof tables[name]?.[0] === 'number');
  const before = first?.tables[name]?.[0];
  if (typeof before !== 'number') return html`<span class="nil">–</span>`;
  const change = (rows[name] ?? 0) - before;
  const words = change === 0 ? 'the same' : `${change > 0 ? '+' : '−'}${number(Math.abs(change))}`;
  return html`<span class="trend"><span class="spark" data-table="${name}" aria-hidden="true"></span>${words}</span>`;
}

function nightsFigure({ nights }: PageState): Html {
  const recent = nights.slice(0, nightsCharted);
  const exceptions = recent.flatMap(({ startedAt, tables }) => {
    const of = (wanted: string) =>
      Object.entries(tables).flatMap(([name, [, status]]) => (status === wanted ? [name] : []));
    const [partial, failed] = [of('partial'), of('failed')];
    return partial.length + failed.length > 0
      ? [[timeText(startedAt), partial.join(', ') || 'none', failed.join(', ') || 'none']]
      : [];
  });
  return figure({
    chart: 'nights',
    title: `How the last ${number(recent.length)} nights ended for each table`,
    lead: html`<p>▲ partial, ✕ failed, plain: complete, empty: not read.</p>`,
    alternative: {
      caption: 'Nights that left tables partial or failed',
      heads: ['Night', 'Partial', 'Failed'],
      rows: exceptions,
      none: 'Every table was complete in each of these nights.',
    },
  });
}
