import type { PageData } from '../lambdas/core/page/page-data.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { joinsChart } from './joins-chart.ts';
import { nightsChart, requestsChart, timelineChart } from './run-charts.ts';
import { funnelChart, weeklyChart } from './row-charts.ts';
import { sparkline } from './sparkline.ts';
import { keepWordsWhole } from './whole-words.ts';

/** Draws a chart that is `width` pixels wide. */
type Chart = (data: PageData, width: number) => Element;

const charts: Readonly<Record<string, Chart>> = {
  timeline: timelineChart,
  requests: requestsChart,
  nights: nightsChart,
  funnel: funnelChart,
  messages: ({ messages, weeks }, width) => weeklyChart(messages, weeks, width),
  'campaign-runs': ({ campaignRuns, weeks }, width) => weeklyChart(campaignRuns, weeks, width),
  joins: joinsChart,
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the core that wrote the page has this type
const data = JSON.parse(document.querySelector('#page-data')?.textContent ?? '{}') as PageData;

function drawAll(): void {
  for (const place of document.querySelectorAll<HTMLElement>('figure[data-chart] .plot')) {
    const draw = charts[place.closest('figure')?.dataset['chart'] ?? ''];
    if (!draw) continue;
    const svg = draw(data, place.clientWidth);
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', place.dataset['label'] ?? '');
    // The chart has one label for a screen reader. Its parts have no ARIA role, so they may not have labels.
    for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
    place.replaceChildren(svg);
    if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
    else place.removeAttribute('tabindex');
  }
}

function drawLines(): void {
  for (const place of document.querySelectorAll<HTMLElement>('.spark')) {
    const table = data.tables[place.dataset['table'] ?? ''];
    if (table) place.replaceChildren(sparkline(data.times, table.rows, place.clientWidth, place.clientHeight));
  }
}

const minute = 60_000;
const hour = 3_600_000;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/**
 * How long ago a time is, such as `6 hours ago`. Counts from whole minute to whole minute, as the page shows times: two
 * times that look the same are the same time ago.
 */
function ago(at: number, now: number): string {
  const past = (Math.floor(now / minute) - Math.floor(at / minute)) * minute;
  if (past < hour) return relative.format(-Math.max(1, past / minute), 'minute');
  if (past < 48 * hour) return relative.format(-Math.round(past / hour), 'hour');
  return relative.format(-Math.round(past / (24 * hour)), 'day');
}

/** Shows what depends on the present time: how old the page is, and whether a night is missing. */
function tellTime(now: number): void {
  for (const place of document.querySelectorAll('.facts time, footer time, .problem time')) {
    const at = Date.parse(place.getAttribute('datetime') ?? '');
    if (!(now >= at)) continue;
    const words = document.createElement('span');
    words.className = 'ago';
    words.textContent = ago(at, now);
    place.append(' ', words);
  }
  const missing = document.querySelector<HTMLElement>('#run-missing');
  const { nightEndedAt, expectedHours } = data;
  const endedAt = nightEndedAt === null ? now : Date.parse(nightEndedAt);
  if (missing && now - endedAt > expectedHours * hour) {
    missing.hidden = false;
    document.querySelector('.calm')?.remove();
    lead(`The last night ended ${ago(endedAt, now)}`);
  }
}

/** Shows a problem in the headline that arose after the page was written, unless the headline already shows one. */
function lead(words: string): void {
  const headline = document.querySelector('h1.complete');
  if (!headline) return;
  headline.className = 'partial';
  headline.querySelector('use')?.setAttribute('href', '#partial');
  if (headline.lastChild) headline.lastChild.textContent = words;
}

/** Opens the entry of the catalogue that a link names. */
function openNamed(): void {
  const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (entry instanceof HTMLDetailsElement) entry.open = true;
}

tellTime(Date.now());
keepWordsWhole();
addCopyButtons();
openNamed();
addEventListener('hashchange', openNamed);
const leastWidth = 240;
let drawnWidth = 0;
new ResizeObserver(() => {
  const width = document.body.clientWidth;
  // A window that is just opening has no width yet.
  if (width === drawnWidth || width < leastWidth) return;
  if (drawnWidth === 0) drawLines();
  drawnWidth = width;
  drawAll();
}).observe(document.body);
