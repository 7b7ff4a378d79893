import type { JsonCursor } from './json-cursor.ts';
import { Span, type Text } from './parquet/values.ts';
import { usualTime } from './timestamps.ts';
import { scanId, scanText } from './value-scanners.ts';

const requestIdStart = Buffer.from('{"request_id":');
const extractedAtStart = Buffer.from(',"extracted_at":');
const parentStart = Buffer.from(',"parent":');
const positionStart = Buffer.from(',"position":');
const rowStart = Buffer.from(',"row":');
const nullText = Buffer.from('null');
const quote = 0x22;

/** Parses the head: the part of a raw chunk's line before the row, as raw-line.ts writes it. */
export class HeadScanner {
  requestId: Text | null = null;
  /** Milliseconds since 1970. */
  extractedAt = 0;
  /** The id of the row's parent, encoded as in its column; null for a stream without a parent. */
  parent: Text | null = null;
  position = 0;
  readonly #cursor: JsonCursor;
  readonly #requestId: Span;
  readonly #parent: Span;
  /** Range of the last head that was parsed. All rows of a page have the same head. */
  #from = 0;
  #to = 0;

  constructor(cursor: JsonCursor) {
    this.#cursor = cursor;
    this.#requestId = new Span(cursor.bytes);
    this.#parent = new Span(cursor.bytes);
  }

  /** Parses a head, and moves the cursor to the row. Returns false if the line has another form. */
  take(): boolean {
    if (this.#to > 0 && this.#cursor.takeAgain(this.#from, this.#to)) return true;
    const from = this.#cursor.at;
    const isHead = this.#parse();
    [this.#from, this.#to] = isHead ? [from, this.#cursor.at] : [0, 0];
    return isHead;
  }

  #parse(): boolean {
    const cursor = this.#cursor;
    if (!cursor.take(requestIdStart) || !this.#takeRequestId()) return false;
    if (!cursor.take(extractedAtStart) || !this.#takeTime()) return false;
    this.parent = null;
    if (cursor.take(parentStart) && !this.#takeParent()) return false;
    this.position = 0;
    if (cursor.take(positionStart) && !this.#takePosition()) return false;
    return cursor.take(rowStart);
  }

  #takeRequestId(): boolean {
    const requestId = this.#cursor.take(nullText) ? null : scanText(this.#cursor, this.#requestId);
    if (requestId === undefined) return false;
    this.requestId = requestId;
    return true;
  }

  #takeTime(): boolean {
    const cursor = this.#cursor;
    if (!cursor.takeString()) return false;
    const milliseconds = usualTime(cursor.bytes, cursor.from, cursor.to);
    if (milliseconds === undefined) return false;
    this.extractedAt = milliseconds;
    return true;
  }

  #takeParent(): boolean {
    const isString = this.#cursor.bytes[this.#cursor.at] === quote;
    const parent = isString ? scanId(this.#cursor, this.#parent) : undefined;
    if (parent === undefined) return false;
    this.parent = parent;
    return true;
  }

  #takePosition(): boolean {
    const position = this.#cursor.takeExactInteger();
    if (position === undefined || position < 0) return false;
    this.position = position;
    return true;
  }

  /** Parses the parent's id where the row repeats it. Returns false if it is not the id in the head. */
  takeParentAgain(): boolean {
    const { parent } = this;
    // The quotes are compared too.
    return parent instanceof Span && this.#cursor.takeAgain(parent.from - 1, parent.to + 1);
  }
}
