import { number } from '../runs/counted.ts';
import { html, type Html } from './html.ts';

export interface Figure {
  /** Name of the chart that the page's script draws into the figure. */
  readonly chart: string;
  readonly title: string;
  readonly lead?: Html;
  /** True if there is nothing to draw: a sentence says so instead. */
  readonly isEmpty?: boolean;
  /** The numbers of the chart as a table. */
  readonly alternative: {
    readonly caption: string;
    readonly heads: readonly string[];
    readonly rows: readonly (readonly (string | number)[])[];
    /** The text that stands in place of a table without rows. */
    readonly none: string;
  };
}

/** The place of a chart, and its numbers as a table for readers who cannot see the chart. */
export function figure({
  chart,
  title,
  lead,
  isEmpty = false,
  alternative: { caption, heads, rows, none },
}: Figure): Html {
  const isNumber = (at: number) => typeof rows[0]?.[at] === 'number';
  const cells = (row: Figure['alternative']['rows'][number]) =>
    row.map((cell, at) => {
      if (at === 0) return html`<th scope="row">${cell}</th>`;
      return typeof cell === 'number' ? html`<td class="n">${number(cell)}</td>` : html`<td>${cell}</td>`;
    });
  const table = html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${heads.map((head, at) => html`<th scope="col"${isNumber(at) && at > 0 ? html` class="n"` : undefined}>${head}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`;
  if (isEmpty) return html`<figure><figcaption><h3>${title}</h3></figcaption><p>${none}</p></figure>\n`;
  return html`<figure data-chart="${chart}"><figcaption><h3>${title}</h3>${lead}</figcaption>
<div class="plot" data-label="${title}. The numbers are in the table below."></div>
<details><summary>The same as a table</summary>${rows.length > 0 ? table : html`<p>${none}</p>`}</details></figure>
`;
}
