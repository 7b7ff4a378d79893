import type { RunReport } from '../../contract/run-report.ts';
import type { RunStatus } from '../../contract/run-status.ts';
import { unlimitedRate } from '../../contract/unlimited-rate.ts';
import { runSeconds } from '../runs/duration-text.ts';
import { nightSection, plotsSection } from './charts-section.ts';
import { catalogueSection } from './catalogue-section.ts';
import { incompleteNight } from '../runs/night-words.ts';
import { isWholeNight, leftOutOf } from '../runs/last-night.ts';
import { counted, number } from '../runs/counted.ts';
import { duration, time, timeText } from './format.ts';
import { html, type Html, jsonInScript } from './html.ts';
import type { PageContext } from './page-context.ts';
import { pageDataOf } from './page-data-of.ts';
import type { PageState } from './page-state.ts';
import { standingProblems } from './standing-problems.ts';
import { problemsSection } from './problems-section.ts';
import { runsSection } from './runs-section.ts';
import { statusShapes } from './status-mark.ts';
import { tablesSection } from './tables-section.ts';

/**
 * The page, as HTML.
 * @param template HTML with style and script, and `%title%`, `%content%` and `%data%` where those are put in
 */
export function renderPage(state: PageState, context: PageContext, template: string, now: Date): string {
  const data = pageDataOf(state, context, now);
  const verdict = context.notice ? { words: context.notice.headline, status: 'failed' } : verdictOf(state, context);
  const content = html`${statusShapes}
<header><p class="product">Prospect Lake <span>${context.workspace}</span></p>
<h1 class="${verdict.status}"><svg class="icon" aria-hidden="true"><use href="#${verdict.status}"/></svg>${verdict.words}</h1>
${summary(state, context)}
<nav aria-label="Sections"><ul>${sectionLinks(state)}</ul></nav></header>
<main>
${problemsSection(state, context)}
${runsSection(state)}
${tablesSection(state, context)}
${nightSection(state, data, context)}
${plotsSection(state, data, context)}
${catalogueSection(context)}
</main>
<footer><p>Written ${time(now.toISOString())}. This file asks nothing of any server, and holds no row of a table.</p></footer>`;
  const parts = {
    title: html`${verdict.words} – ${context.workspace}`.text,
    content: content.text,
    data: jsonInScript(data),
  };
  return Object.entries(parts).reduce((page, [name, text]) => page.replace(`%${name}%`, () => text), template);
}

function verdictOf(state: PageState, context: PageContext): { words: string; status: RunStatus } {
  const problems = standingProblems(state);
  const report = state.lastNight?.report;
  const incomplete = report && incompleteNight(report);
  if (report && incomplete !== undefined && report.status === 'failed')
    return { words: `${incomplete}${asOf(state)}`, status: 'failed' };
  if (report && incomplete !== undefined) {
    const hasComplete = Object.values(report.tables).some(({ status }) => status === 'complete');
    const others = hasComplete ? `. The others are as of ${timeText(report.startedAt)}` : '';
    return { words: `${incomplete}${others}`, status: 'partial' };
  }
  if (problems.length > 0)
    return { words: counted(problems.length, 'problem needs you', 'problems need you'), status: 'partial' };
  if (!report) return { words: 'No night has ended yet', status: 'partial' };
  const others = leftOut(report, state, context);
  const read =
    others.length === 0 ? 'Every table is' : counted(Object.keys(report.tables).length, 'table is', 'tables are');
  return {
    words: `${read} up to date as of ${timeText(report.startedAt)}${others.length === 0 ? '' : `; ${others.join(', and ')}`}`,
    status: 'complete',
  };
}

/** How many tables the last night did not read, and why. */
function leftOut(report: RunReport, { underWay = [] }: PageState, { streams }: PageContext): string[] {
  const { switchedOff, beingRead } = leftOutOf(
    report,
    streams.map(({ name }) => name),
    underWay,
  );
  const why = isWholeNight(report) ? 'switched off' : 'not asked for';
  return [
    ...(switchedOff.length > 0 ? [`${counted(switchedOff.length, 'other is', 'others are')} ${why}`] : []),
    ...(beingRead.length > 0 ? [`another run still reads ${counted(beingRead.length, 'other')}`] : []),
  ];
}

/** As of when the tables are after a night that changed none. Empty if no earlier night is known. */
function asOf({ nights }: PageState): string {
  for (const { startedAt, tables } of nights) {
    const statuses = Object.values(tables).map(([, status]) => status);
    const at = timeText(startedAt);
    if (statuses.length > 0 && statuses.every((status) => status === 'complete'))
      return `. Your tables are as of ${at}`;
    if (statuses.includes('complete')) return `. Your tables are as of ${at}, and some are older`;
  }
  return '';
}

function summary(state: PageState, { requestsPerMinute }: PageContext): Html {
  const report = state.lastNight?.report;
  const run = state.runs.find(({ runId }) => runId === report?.runId);
  if (!report || !run) return html``;
  const total = Object.values(state.rows).reduce((sum, rows) => sum + rows, 0);
  const tables = Object.values(report.tables);
  const incomplete = tables.filter(({ status }) => status !== 'complete').length;
  const isLimited = requestsPerMinute < unlimitedRate;
  const budget = isLimited ? html`<small>budget ${number(requestsPerMinute)} a minute</small>` : undefined;
  const facts: readonly (readonly [string, Html])[] = [
    ...(incomplete === 0
      ? []
      : [['Incomplete', html`${number(incomplete)} of ${counted(tables.length, 'table')}`] as const]),
    ['Last night', time(report.startedAt)],
    ['Took', html`${duration(runSeconds(report))}`],
    ['Current rows', html`${number(total)}<small>${number(run.changed)} changed that night</small>`],
    ['Requests', html`${number(run.requests)}${budget}`],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function sectionLinks(state: PageState): Html[] {
  const sections = [
    ['problems', 'Problems'],
    ['runs', 'Runs'],
    ['tables', 'Tables'],
    ...(state.lastNight ? [['night', 'Night']] : []),
    ...(Object.keys(state.counted).length > 0 ? [['plots', 'Plots']] : []),
    ['catalogue', 'Catalogue'],
  ];
  return sections.map(([id = '', name = '']) => html`<li><a href="#${id}">${name}</a></li>`);
}
