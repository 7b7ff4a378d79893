/** Codes of the characters that JSON is made of. */
const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const tab = 0x09;
const comma = 0x2c;
const minus = 0x2d;
const [zero, nine] = [0x30, 0x39];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Integers with more digits may not be exact as a double. */
const mostExactDigits = 15;

/**
 * Reads JSON from its UTF-8 bytes, one token after the other. To take a token means to check that it is valid and to
 * move past it. The bytes have to end with a line feed: no token contains one, so reading never leaves the line.
 */
export class JsonCursor {
  readonly bytes: Buffer;
  at = 0;
  /** Range of the token that was taken last. For a string, its quotes are left out. */
  from = 0;
  to = 0;
  /** About the string that was taken last: whether it has no escapes, and whether all its characters are ASCII. */
  isPlain = true;
  isAscii = true;
  /** The value that {@link takeValue} took last. */
  value: unknown;

  readonly #view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes these bytes if they are next. */
  take(expected: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let index = 0; index < expected.length; index += 1) if (bytes[at + index] !== expected[index]) return false;
    this.at = at + expected.length;
    return true;
  }

  /** Takes the bytes that an earlier range has, if they are next. Compares four bytes at a time. */
  takeAgain(from: number, to: number): boolean {
    const { bytes, at } = this;
    const end = at + to - from;
    if (end > bytes.length) return false;
    let index = from;
    for (let next = at; next + 4 <= end; next += 4) {
      if (this.#view.getInt32(index, true) !== this.#view.getInt32(next, true)) return false;
      index += 4;
    }
    for (; index < to; index += 1) if (bytes[at - from + index] !== bytes[index]) return false;
    this.at = end;
    return true;
  }

  takeByte(code: number): boolean {
    if (this.bytes[this.at] !== code) return false;
    this.at += 1;
    return true;
  }

  skipSpace(): void {
    while (this.bytes[this.at] === space || this.bytes[this.at] === tab) this.at += 1;
  }

  /** Takes a comma and the space around it. */
  takeComma(): boolean {
    this.skipSpace();
    if (!this.takeByte(comma)) return false;
    this.skipSpace();
    return true;
  }

  /** Takes a string. If it has escapes, {@link text} tells whether they are valid. */
  takeString(): boolean {
    const { bytes } = this;
    let { at } = this;
    if (bytes[at] !== quote) return false;
    at += 1;
    this.from = at;
    this.isPlain = true;
    let seen = 0;
    for (let code = bytes[at] ?? 0; code !== quote; code = bytes[at] ?? 0) {
      if (code < space) return false;
      if (code === backslash) {
        this.isPlain = false;
        at += 1;
      }
      seen |= code;
      at += 1;
    }
    this.isAscii = seen < 0x80;
    this.to = at;
    this.at = at + 1;
    return true;
  }

  /** The string that was taken last; undefined if one of its escapes is not valid. */
  text(): string | undefined {
    if (this.isPlain) return this.bytes.toString('utf8', this.from, this.to);
    const value = parsed(this.bytes.toString('utf8', this.from - 1, this.to + 1));
    return typeof value === 'string' ? value : undefined;
  }

  /** Takes a number. @returns its text, or undefined if it is not a number */
  takeNumber(): string | undefined {
    const { bytes } = this;
    let { at } = this;
    this.from = at;
    while (isNumeric(bytes[at] ?? 0)) at += 1;
    this.at = this.to = at;
    const text = bytes.toString('latin1', this.from, at);
    return typeof parsed(text) === 'number' ? text : undefined;
  }

  /** Takes an integer that a double holds exactly. If the next token is anything else, takes nothing. */
  takeExactInteger(): number | undefined {
    const { bytes } = this;
    let { at } = this;
    const isNegative = bytes[at] === minus;
    if (isNegative) at += 1;
    const first = at;
    let value = 0;
    for (let code = bytes[at] ?? 0; code >= zero && code <= nine; code = bytes[at] ?? 0) {
      value = value * 10 + code - zero;
      at += 1;
    }
    const digits = at - first;
    const hasLeadingZero = digits > 1 && bytes[first] === zero;
    if (digits === 0 || digits > mostExactDigits || hasLeadingZero || isNumeric(bytes[at] ?? 0)) return undefined;
    this.at = at;
    return isNegative ? -value : value;
  }

  /** Takes any value, and leaves it in {@link value}. */
  takeValue(): boolean {
    const from = this.at;
    if (!this.#skipValue()) return false;
    this.from = from;
    this.to = this.at;
    this.value = parsed(this.bytes.toString('utf8', from, this.at));
    return this.value !== undefined;
  }

  #skipValue(): boolean {
    const { bytes } = this;
    let depth = 0;
    do {
      const code = bytes[this.at] ?? 0;
      if (code === quote) {
        if (!this.takeString()) return false;
      } else if (code < space && code !== tab) return false;
      else {
        if (code === openBrace || code === openBracket) depth += 1;
        else if (code === closeBrace || code === closeBracket) depth -= 1;
        this.at += 1;
      }
    } while (depth > 0 || isInToken(bytes[this.at] ?? 0));
    return depth === 0;
  }
}

function isNumeric(code: number): boolean {
  // Digits, `+`, `-`, `.`, `e` and `E`.
  return (code >= zero && code <= nine) || code === 0x2b || code === minus || code === 0x2e || (code | 0x20) === 0x65;
}

/** True if a token does not end before this character. */
function isInToken(code: number): boolean {
  return code > space && code !== comma && code !== closeBrace && code !== closeBracket;
}

/** The value of a JSON text; undefined if it is not valid. An error of JSON.parse would quote the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
