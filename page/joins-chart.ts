import * as Plot from '@observablehq/plot';
import type { PageData } from '../lambdas/core/page/page-data.ts';

/** Width in pixels that the names of four generations of tables need. */
const leastWidth = 760;

/** The tables as a tree. Each table stands to the right of its parent. */
export function joinsChart({ joins }: PageData, width: number): Element {
  return Plot.plot({
    axis: null,
    width: Math.max(width, leastWidth),
    height: joins.length * 19 + 20,
    marginLeft: 8,
    marginRight: 160,
    marginTop: 10,
    marginBottom: 10,
    marks: [
      Plot.tree(joins, {
        stroke: 'var(--quiet)',
        strokeOpacity: 0.55,
        strokeWidth: 1.25,
        fill: 'var(--bar)',
        textStroke: 'var(--paper)',
        textLayout: 'normal',
      }),
    ],
  });
}
