import { gzipSync } from 'node:zlib';
import { isRow } from './raw-line.ts';

/**
 * Bytes that are compressed at a time. A chunk whose lines have more of them is never in memory as a whole: a function
 * would need twice the memory for it.
 */
const packBytes = 4 * 1024 * 1024;
const firstBytes = 64 * 1024;
const lineFeed = 0x0a;

/** The lines of one chunk, compressed while they are added. Kept outside of the JavaScript heap, so that it stays small. */
export class PackedLines {
  /** Lines that are rows. */
  rows = 0;
  /** Bytes of all lines, each with its line feed. */
  bytes = 0;
  /** The lines that are no rows: outcomes of parents or ids. */
  readonly outcomes: string[] = [];
  readonly #members: Uint8Array[] = [];
  #pack = Buffer.from(new ArrayBuffer(firstBytes));
  #size = 0;

  add(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    this.bytes += bytes;
    if (isRow(line)) this.rows += 1;
    else this.outcomes.push(line);
    if (this.#size + bytes > packBytes) this.#close();
    if (bytes > packBytes) {
      this.#members.push(gzipSync(`${line}\n`));
      return;
    }
    this.#reserve(this.#size + bytes);
    this.#size += this.#pack.write(line, this.#size);
    this.#pack[this.#size] = lineFeed;
    this.#size += 1;
  }

  /** The uncompressed lines; undefined if they are too many to keep. Valid until a line is added. */
  get whole(): Buffer | undefined {
    return this.#members.length === 0 ? this.#pack.subarray(0, this.#size) : undefined;
  }

  /** The lines as a gzip file of several members. */
  gzipped(): Uint8Array {
    const last = this.#size > 0 || this.#members.length === 0 ? [gzipSync(this.#pack.subarray(0, this.#size))] : [];
    return Buffer.concat([...this.#members, ...last]);
  }

  /** Frees the memory at once, before the garbage collector would. The lines cannot be used after that. */
  free(): void {
    this.#pack.buffer.transfer(0);
  }

  #close(): void {
    if (this.#size > 0) this.#members.push(gzipSync(this.#pack.subarray(0, this.#size)));
    this.#size = 0;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#pack.length) return;
    const larger = Math.min(packBytes, Math.max(bytes, 2 * this.#pack.length));
    // `transfer` frees the former memory at once.
    this.#pack = Buffer.from(this.#pack.buffer.transfer(larger));
  }
}

export function packLines(lines: Iterable<string>): PackedLines {
  const packed = new PackedLines();
  for (const line of lines) packed.add(line);
  return packed;
}
