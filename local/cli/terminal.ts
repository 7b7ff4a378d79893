/** What the reader of a command's output can show: a terminal has a width and colours, a pipe has neither. */

import { createRequire } from 'node:module';
import { styleText } from 'node:util';
import type * as StringWidth from 'string-width';
import { printableLines } from './printable.ts';

export interface Terminal {
  /** Columns of a line. Infinity: lines may have any length. */
  readonly width: number;
  readonly hasColour: boolean;
}

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
export type Style = 'red' | 'yellow' | 'green' | 'bold' | 'dim';

/** For output that another program reads. */
export const pipe: Terminal = { width: Number.POSITIVE_INFINITY, hasColour: false };

/** Columns of a terminal that does not report its width, and of help in a pipe. */
const usualWidth = 80;

/**
 * What a stream can show. Node decides about colours, also by NO_COLOR, FORCE_COLOR and TERM. COLUMNS, if it is set,
 * overrides the width.
 */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const columns = Number(process.env['COLUMNS']);
  const own = stream.isTTY ? stream.columns || usualWidth : pipe.width;
  return {
    width: Number.isSafeInteger(columns) && columns > 0 ? columns : own,
    hasColour: styleText('red', '.', { stream }) !== '.',
  };
}

/** What help is written for. Its lines are wrapped in a pipe too, because a person reads them there, such as in a pager. */
export function helpTerminal(): Terminal {
  const { width, hasColour } = terminalOf(process.stdout);
  return { width: width === pipe.width ? usualWidth : width, hasColour };
}

export function paint({ hasColour }: Terminal, style: Style | readonly Style[], text: string): string {
  return hasColour && text !== '' ? styleText([style].flat(), text, { validateStream: false }) : text;
}

/** A text whose characters take one column each. */
const plain = /^[ -~─…–—]*$/;
const load = createRequire(import.meta.url);

/** Number of columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  // Loaded only for other texts, because that takes longer than all the rest of a short command.
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- `require` has no types
  const { default: stringWidth }: typeof StringWidth = load('string-width');
  return stringWidth(text);
}

/** Cuts a text without styles to `width` columns; `…` stands for what is left out. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let [kept, columns] = ['', 0];
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    columns += widthOf(segment);
    if (columns > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Breaks a text without styles between words into lines that fit. `indent` stands before each line. */
export function wrap(text: string, { width }: Terminal, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(indent + longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => indent + each);
}

/** Writes text and a line break. Control characters are escaped, because the text may quote strangers. */
export function writeLine(stream: Output, text: string): void {
  stream.write(`${printableLines(text)}\n`);
}
