import { styleText } from 'node:util';
import { expect, it } from 'vitest';
import { printableLines } from '../../../local/cli/printable.ts';

const red = styleText(['bold', 'red'], 'red', { validateStream: false });

it('of what a terminal acts on, only our own colours are kept', () => {
  expect(printableLines(`${red}\nline`)).toBe(`${red}\nline`);
  const hostile = ['\u001b[2J', '\u001b[8m', '\u001b]0;title\u0007', '\u009b31m', '\u001b\u001b[31'];
  expect(printableLines(hostile.join('|'))).toBe(
    String.raw`\u001b[2J|\u001b[8m|\u001b]0;title\u0007|\u009b31m|\u001b\u001b[31`,
  );
});
