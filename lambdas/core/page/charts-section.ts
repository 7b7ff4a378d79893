import { unlimitedRate } from '../../contract/unlimited-rate.ts';
import type { PageContext } from './page-context.ts';
import type { PageData } from './page-data.ts';
import { counted, number } from '../runs/counted.ts';
import { day, duration, time, timeText } from './format.ts';
import { figure } from './figure.ts';
import { html, type Html } from './html.ts';
import { weeksPlotted } from './page-data-of.ts';
import { isUnread, type PageState } from './page-state.ts';

/** Section about the last nightly run: when it read each stream, and its requests per minute against the budget. */
export function nightSection(state: PageState, data: PageData, { requestsPerMinute }: PageContext): Html {
  const { lastNight } = state;
  if (!lastNight) return html``;
  const run = state.runs.find(({ runId }) => runId === lastNight.report.runId);
  const read = lastNight.spans.map(({ stream, requests }, at) => {
    const { from = 0, to = 0 } = data.timeline[at] ?? {};
    return [stream, duration(from), duration(to - from), requests];
  });
  const notRead = data.notRead.map(({ stream, lastRead }) => [
    stream,
    lastRead,
    '–',
    lastNight.report.tables[stream]?.requests ?? 0,
  ]);
  const repeated = run && run.retries > 0 ? `, ${number(run.retries)} of them repeated` : '';
  const within = run && run.readSeconds > 0 ? ` in ${duration(run.readSeconds)}` : '';
  const made = run && run.requests > 0 ? `${counted(run.requests, 'request')}${within}${repeated}. ` : '';
  const budget = html`<p>${made}${rateText(data.requests.at(-1)?.perMinute ?? 0, requestsPerMinute, run?.readSeconds)}</p>`;
  return html`<section id="night" aria-labelledby="night-title"><h2 id="night-title">The last night</h2>
${figure({
  chart: 'timeline',
  title: 'When each table was read',
  isEmpty: read.length === 0,
  alternative: {
    caption: 'Reading of the last night by table',
    heads: ['Table', 'Began after', 'Took', 'Requests'],
    rows: [...notRead, ...read],
    none: 'Nothing was read.',
  },
})}
${
  data.requests.length > 1
    ? figure({
        chart: 'requests',
        title: 'Requests a minute, by night',
        lead: budget,
        alternative: {
          caption: 'Requests a minute by night',
          heads: ['Night', 'Requests a minute'],
          rows: data.requests.map(({ at, perMinute }) => [timeText(at), Math.round(perMinute)]),
          none: 'No night has ended yet.',
        },
      })
    : budget
}
</section>`;
}

/** The rate of a night against the configured one. A reading of less than a minute has no rate. */
function rateText(perMinute: number, configured: number, seconds = 0): string {
  const made = number(Math.round(perMinute));
  if (configured >= unlimitedRate) return seconds < 60 ? '' : `That is ${made} a minute.`;
  const most = `${number(configured)} a minute are configured`;
  if (seconds < 60) return `At most ${most}.`;
  const share = perMinute / configured;
  const percent = share < 0.01 ? 'under 1' : number(Math.round(share * 100));
  return `That is ${made} a minute, ${percent}\u00a0% of what is possible: ${most}.`;
}

/** Section with plots of the data: leads, messages and campaign runs. */
export function plotsSection(state: PageState, data: PageData, { counted: tables }: PageContext): Html {
  const names = [tables.leads.table, tables.messages.table, tables.campaignRuns.table];
  const unread = names.filter((name) => isUnread(state, name));
  const present = names.filter((name) => state.counted[name] && !unread.includes(name));
  if (present.length === 0) return html``;
  const latest = present.map((name) => state.counted[name]?.at ?? '').toSorted()[0] ?? '';
  const partly = present.filter((name) => state.counted[name]?.isWhole === false);
  const note =
    partly.length > 0
      ? html`<p>There was no time to count every file of ${partly.join(', ')}. The next night goes on.</p>`
      : undefined;
  const weekly = (rows: PageData['messages'], what: string, category: string) => ({
    caption: `${what} by week and ${category.toLowerCase()}`,
    heads: ['Week of', category, what],
    rows: rows.map((one) => [day(one.week), one.category, one.rows]),
    none: `There were no ${what.toLowerCase()} in these weeks.`,
  });
  return html`<section id="plots" aria-labelledby="plots-title"><h2 id="plots-title">Leads, messages, campaigns</h2>
<p>Counted from the current tables, ${time(latest)}.${unread.length > 0 ? ` Left out, because they have never been read: ${unread.join(', ')}.` : ''}</p>${note}
${
  present.includes(tables.leads.table)
    ? figure({
        chart: 'funnel',
        title: 'Lead funnel',
        lead: html`<p>Every qualified lead counts; the query <code>lead_funnel</code> counts only those that answered.</p>`,
        alternative: {
          caption: 'Lead funnel',
          heads: ['Stage', 'Leads'],
          rows: data.funnel.map(({ stage, leads }) => [stage, leads]),
          none: 'There are no leads.',
        },
      })
    : undefined
}
${
  present.includes(tables.messages.table)
    ? figure({
        chart: 'messages',
        title: `Messages by channel and week, last ${weeksPlotted} weeks`,
        isEmpty: data.messages.length === 0,
        alternative: weekly(data.messages, 'Messages', 'Channel'),
      })
    : undefined
}
${
  present.includes(tables.campaignRuns.table)
    ? figure({
        chart: 'campaign-runs',
        title: `Campaign runs by status and week, last ${weeksPlotted} weeks`,
        isEmpty: data.campaignRuns.length === 0,
        alternative: weekly(data.campaignRuns, 'Campaign runs', 'Status'),
      })
    : undefined
}
</section>`;
}
