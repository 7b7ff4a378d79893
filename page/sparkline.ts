import * as Plot from '@observablehq/plot';

const youngDays = 14;

/** Rows of a table over time. */
export function sparkline(
  times: readonly string[],
  rows: readonly (number | null)[],
  width: number,
  height: number,
): Element {
  const first = Date.parse(times[0] ?? '');
  const last = Date.parse(times.at(-1) ?? '');
  // In a young workspace, runs within minutes would make a vertical line. So there all runs have the same distance.
  const isYoung = last - first < youngDays * 86_400_000;
  const points = rows.flatMap((value, at) =>
    value === null ? [] : [{ at: isYoung ? at : Date.parse(times[at] ?? ''), value }],
  );
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = Math.max(1, high - low);
  return Plot.plot({
    width,
    height,
    margin: 3,
    x: { axis: null, domain: isYoung ? [0, times.length - 1] : [first, last] },
    y: { axis: null, domain: low === high ? [low - 1, low + 1] : [low - spread * 0.05, high + spread * 0.05] },
    marks: [
      Plot.lineY(points, { x: 'at', y: 'value', stroke: 'var(--bar)', strokeWidth: 1.5 }),
      Plot.dot(points.slice(-1), { x: 'at', y: 'value', fill: 'var(--bar)', r: 2.2 }),
    ],
  });
}
