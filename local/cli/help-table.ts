import { type Terminal, wrap } from './terminal.ts';

/** Columns that a text keeps beside its name. With less space, it stands below the name. */
const narrowestText = 30;

/** Names and what they mean, in two columns that fit the terminal. */
export function helpTable(rows: readonly (readonly [name: string, text: string])[], { width }: Terminal): string[] {
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length));
  const indent = nameWidth + 4;
  const isBeside = width - indent >= narrowestText;
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, { width: width - (isBeside ? indent : 6), hasColour: false });
    if (!isBeside) return [`  ${name}`, ...lines.map((line) => `      ${line}`)];
    return lines.map((line, at) => `  ${(at === 0 ? name : '').padEnd(nameWidth)}  ${line}`);
  });
}
