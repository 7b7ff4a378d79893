import * as Plot from '@observablehq/plot';
import type { PageData, StatusLetter } from '../lambdas/core/page/page-data.ts';

/** Colour and shape of each status. A complete night needs no shape. */
const looks: Readonly<Record<StatusLetter, { fill: string; shape: string; word: string }>> = {
  c: { fill: 'var(--complete-wash)', shape: '', word: 'complete' },
  p: { fill: 'var(--partial-fill)', shape: '▲', word: 'partial' },
  f: { fill: 'var(--failed-fill)', shape: '✕', word: 'failed' },
  '-': { fill: 'none', shape: '', word: 'not read' },
};

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const minute = (time: string) => `${day.format(new Date(time))}, ${new Date(time).toISOString().slice(11, 16)} UTC`;
const narrow = 560;
const fewestBars = 12;
const requestsMargin = 52;
/** Width in pixels of the margin for the names of tables. */
const nameMargin = (width: number) => (width < narrow ? 148 : 168);
const nameSize = (width: number) => (width < narrow ? 10 : 12);
/** Least distance in pixels of two labels of days. */
const labelDistance = 52;

/**
 * Labels for an axis of runs: at the last run of a day its day, from the newest run back, as far as there is room.
 * @param times of the runs, oldest first
 * @param step pixels from one run to the next
 */
function dayLabels(times: readonly string[], step: number): string[] {
  const labels = times.map((time) => day.format(new Date(time)));
  let last = Infinity;
  return labels
    .toReversed()
    .map((label, back) => {
      const at = times.length - 1 - back;
      if (label === labels[at + 1] || (last - at) * step < labelDistance) return '';
      last = at;
      return label;
    })
    .toReversed();
}

export function timelineChart({ timeline, notRead }: PageData, width: number): Element {
  const end = Math.max(1, ...timeline.map(({ to }) => to));
  const unit = end > 7_200 ? 3_600 : end > 180 ? 60 : 1;
  const thinnest = end * 0.004;
  const bars = timeline.map((one) => ({ ...one, to: Math.max(one.to, one.from + thinnest), look: looks[one.status] }));
  return Plot.plot({
    width,
    height: (notRead.length + bars.length) * 18 + 52,
    marginTop: 8,
    marginBottom: 44,
    marginLeft: nameMargin(width),
    marginRight: 24,
    x: {
      label: { 1: 'seconds', 60: 'minutes', 3_600: 'hours' }[unit] ?? '',
      labelOffset: 40,
      grid: true,
      ticks: width / 90,
    },
    y: { axis: null, domain: [...notRead, ...bars].map(({ stream }) => stream), padding: 0.35 },
    marks: [
      Plot.axisY({ label: null, tickSize: 0, fontSize: nameSize(width) }),
      Plot.barX(bars, {
        x1: ({ from }: (typeof bars)[number]) => from / unit,
        x2: ({ to }: (typeof bars)[number]) => to / unit,
        y: 'stream',
        fill: ({ status, look }: (typeof bars)[number]) => (status === 'c' ? 'var(--bar)' : look.fill),
        rx: 1.5,
      }),
      Plot.text(bars, {
        x: ({ to }: (typeof bars)[number]) => to / unit,
        y: 'stream',
        text: ({ look }: (typeof bars)[number]) => look.shape,
        textAnchor: 'start',
        dx: 5,
      }),
      Plot.text(notRead, {
        x: 0,
        y: 'stream',
        text: ({ status, lastRead }: (typeof notRead)[number]) => `${looks[status].shape} ${lastRead}`,
        textAnchor: 'start',
        dx: 5,
        fill: 'var(--failed)',
        fontSize: nameSize(width),
      }),
    ],
  });
}

export function requestsChart({ requests, budget }: PageData, width: number): Element {
  const nights = requests.map((one, at) => ({ ...one, at: String(at), time: one.at }));
  const most = Math.max(1, ...nights.map(({ perMinute }) => perMinute));
  // The line of the budget is drawn only near the bars: if it were far above, the bars would be flat.
  const isNear = budget <= most * 12;
  const labels = dayLabels(
    requests.map(({ at }) => at),
    (width - requestsMargin) / Math.max(fewestBars, nights.length),
  );
  const spare = Array.from({ length: Math.max(0, fewestBars - nights.length) }, (_, at) => `spare ${at}`);
  return Plot.plot({
    width,
    height: 200,
    marginLeft: requestsMargin,
    marginTop: 24,
    x: {
      type: 'band',
      // Empty entries fill the axis, so that the bars of a few nights are not too wide.
      domain: [...nights.map(({ at }) => at), ...spare],
      label: null,
      padding: 0.3,
      tickSize: 0,
      tickFormat: (at: string) => labels[Number(at)] ?? '',
    },
    y: {
      label: 'requests a minute',
      grid: true,
      ticks: 4,
      domain: [0, (isNear ? Math.max(budget, most) : most) * 1.08],
    },
    marks: [
      Plot.barY(nights, {
        x: 'at',
        y: 'perMinute',
        fill: 'var(--bar)',
        title: ({ time, perMinute }: (typeof nights)[number]) => `${minute(time)}: ${Math.round(perMinute)} a minute`,
        insetLeft: 0.5,
      }),
      Plot.ruleY([0]),
      ...(isNear
        ? [
            Plot.ruleY([budget], { stroke: 'var(--failed)', strokeDasharray: '5 3' }),
            Plot.text([budget], {
              y: (value: number) => value,
              frameAnchor: 'top-right',
              text: (value: number) => `configured: ${value.toLocaleString('en-US')}`,
              dy: -12,
              fill: 'var(--failed)',
            }),
          ]
        : []),
    ],
  });
}

export function nightsChart({ nights, tables }: PageData, width: number): Element {
  const names = Object.keys(tables);
  const charted = Math.max(0, ...Object.values(tables).map(({ status }) => status.length));
  const recent = nights.slice(-Math.min(charted, width < narrow ? 14 : charted));
  const cells = names.flatMap((table) =>
    (tables[table]?.status ?? '')
      .slice(-recent.length)
      .split('')
      .map((letter, night) => ({ table, night, look: lookOf(letter) })),
  );
  const marginLeft = nameMargin(width);
  const size = Math.min(22, (width - marginLeft - 20) / Math.max(1, recent.length));
  const labels = dayLabels(recent, size);
  return Plot.plot({
    width: marginLeft + 20 + size * recent.length,
    height: names.length * 16 + 34,
    marginTop: 4,
    marginLeft,
    marginRight: 20,
    marginBottom: 26,
    x: {
      label: null,
      domain: recent.map((_, at) => at),
      padding: 0.12,
      tickSize: 0,
      tickFormat: (at: number) => labels[at] ?? '',
    },
    y: { axis: null, domain: names, padding: 0.12 },
    marks: [
      Plot.axisY({ label: null, tickSize: 0, fontSize: nameSize(width) }),
      Plot.cell(cells, {
        x: 'night',
        y: 'table',
        fill: ({ look }: (typeof cells)[number]) => look.fill,
        title: ({ table, night, look }: (typeof cells)[number]) =>
          `${table}, ${minute(recent[night] ?? '')}: ${look.word}`,
        rx: 1.5,
      }),
      Plot.text(cells, {
        x: 'night',
        y: 'table',
        text: ({ look }: (typeof cells)[number]) => look.shape,
        fontSize: 9,
        fill: '#000',
        pointerEvents: 'none',
      }),
    ],
  });
}

function lookOf(letter: string): (typeof looks)[StatusLetter] {
  return letter === 'c' || letter === 'p' || letter === 'f' ? looks[letter] : looks['-'];
}
