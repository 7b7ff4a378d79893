import * as Plot from '@observablehq/plot';
import type { PageData } from '../lambdas/core/page/page-data.ts';

const narrow = 560;

export function funnelChart({ funnel }: PageData, width: number): Element {
  const all = Math.max(1, funnel[0]?.leads ?? 1);
  const isNarrow = width < narrow;
  const marginLeft = isNarrow ? 4 : 172;
  return Plot.plot({
    width,
    height: funnel.length * (isNarrow ? 48 : 36) + 8,
    marginLeft,
    marginRight: 104,
    marginTop: 4,
    marginBottom: 4,
    x: { axis: null, domain: [0, all] },
    y: { label: null, domain: funnel.map(({ stage }) => stage), padding: isNarrow ? 0.5 : 0.25, axis: null },
    marks: [
      Plot.barX(funnel, { x: 'leads', y: 'stage', fill: 'var(--bar)', rx: 2, insetTop: isNarrow ? 6 : 0 }),
      Plot.text(funnel, {
        x: 'leads',
        y: 'stage',
        text: ({ leads }: PageData['funnel'][number]) =>
          `${leads.toLocaleString('en-US')}  (${Math.round((100 * leads) / all)} %)`,
        textAnchor: 'start',
        dx: 6,
        dy: isNarrow ? 3 : 0,
      }),
      Plot.text(funnel, {
        x: 0,
        y: 'stage',
        text: 'stage',
        textAnchor: isNarrow ? 'start' : 'end',
        dx: isNarrow ? 0 : -10,
        dy: isNarrow ? -18 : 0,
      }),
    ],
  });
}

/** Rows by week, in a small chart for each category, so that no two colours have to be told apart. */
export function weeklyChart(rows: PageData['messages'], [first, last]: PageData['weeks'], width: number): Element {
  const totals = new Map<string, number>();
  for (const { category, rows: count } of rows) totals.set(category, (totals.get(category) ?? 0) + count);
  const categories = [...totals].toSorted(([, a], [, b]) => b - a).map(([category]) => category);
  const most = Math.max(1, ...rows.map((one) => one.rows));
  const end = new Date(Date.parse(last) + 7 * 86_400_000);
  const weeks = rows.map((one) => ({ ...one, week: new Date(one.week) }));
  return Plot.plot({
    width,
    height: Math.max(1, categories.length) * 76 + 42,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 24,
    marginBottom: 36,
    x: { type: 'utc', domain: [new Date(first), end], label: null, ticks: width / 110, tickSize: 0 },
    y: { label: null, domain: [0, most * 1.1], grid: true, ticks: Math.min(2, most), tickSize: 0 },
    fy: { domain: categories, axis: null, padding: 0.34 },
    marks: [
      Plot.rectY(weeks, {
        x: 'week',
        y: 'rows',
        fy: 'category',
        interval: 'monday',
        fill: 'var(--bar)',
        inset: 0.75,
        title: ({ week, category, rows: count }: (typeof weeks)[number]) =>
          `${category}, week of ${week.toISOString().slice(0, 10)}: ${count.toLocaleString('en-US')}`,
      }),
      Plot.ruleY([0]),
      Plot.text(categories, {
        fy: (category: string) => category,
        text: (category: string) => `${category}  ${(totals.get(category) ?? 0).toLocaleString('en-US')}`,
        frameAnchor: 'top-left',
        dy: -13,
        fontWeight: 600,
      }),
    ],
  });
}
