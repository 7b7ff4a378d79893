import { cutTo, pipe, type Terminal, widthOf } from './terminal.ts';

export type Cell = string | number | null;

interface TableOptions {
  /** Columns of text that are aligned right, because they hold numbers that are written as text. */
  readonly right?: readonly boolean[];
  /** Width below which a column of text is not cut. @default 8 */
  readonly least?: readonly number[];
}

const gap = '  ';
const narrowest = 8;
/** If more columns than this would be cut, the rows are easier to read as lists of their columns. */
const mostCut = 3;

/** For {@link TableOptions.least}: the column is never cut, because its texts say what the row is about. */
export const neverCut = Number.POSITIVE_INFINITY;

/**
 * Formats rows as an aligned table. Columns of numbers are aligned right, all others left. A table that is wider than
 * the terminal has its widest texts cut; if that is not enough, or too much would be cut, each row becomes a list of its columns.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  terminal: Terminal = pipe,
  { right = [], least = [] }: TableOptions = {},
): string {
  const cells = rows.map((row) => row.map(textOf));
  const isRight = head.map(
    (_, column) =>
      right[column] ??
      (rows.length > 0 && rows.every((row) => typeof row[column] === 'number' || row[column] === null)),
  );
  const natural = head.map((title, column) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[column] ?? ''))),
  );
  const bounds = natural.map((width, column) =>
    isRight[column] ? width : Math.min(width, Math.max(least[column] ?? narrowest, widthOf(head[column] ?? ''))),
  );
  const widths = fitted(natural, bounds, terminal.width - gap.length * (head.length - 1));
  if (!widths) return records(head, cells, terminal);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, column) => padded(cutTo(text, widths[column] ?? 0), widths[column] ?? 0, isRight[column] ?? false))
      .join(gap)
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n');
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : (cell ?? '');
}

/** Widths that fit into `room`: the widest text columns are made narrower, never numbers. Undefined if none are wide enough. */
function fitted(natural: readonly number[], least: readonly number[], room: number): number[] | undefined {
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  if (sum(natural) <= room) return [...natural];
  if (sum(least) > room) return undefined;
  const widths = [...natural];
  for (let excess = sum(natural) - room; excess > 0; excess -= 1) {
    const slack = widths.map((width, column) => (width > (least[column] ?? 0) ? width : -1));
    const widest = slack.indexOf(Math.max(...slack));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths.filter((width, column) => width < (natural[column] ?? 0)).length > mostCut ? undefined : widths;
}

function records(head: readonly string[], rows: readonly (readonly string[])[], { width }: Terminal): string {
  const titles = Math.max(...head.map(widthOf));
  const room = Math.max(narrowest, width - titles - gap.length);
  return rows
    .map((row) =>
      head
        .map((title, column) => `${padded(title, titles, false)}${gap}${cutTo(row[column] ?? '', room)}`.trimEnd())
        .join('\n'),
    )
    .join(`\n${'─'.repeat(Math.min(width, titles + gap.length + narrowest))}\n`);
}

function padded(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? space + text : text + space;
}
