/** Lines in UTF-8, each ended by a line feed. */
export function bytesOfLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
