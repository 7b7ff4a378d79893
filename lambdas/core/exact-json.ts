/**
 * JSON whose numbers keep the digits that they were written with: those that a double cannot hold, or
 * would write otherwise, become raw JSON, which JSON.stringify writes back as it was.
 */

/** Sixteen digits, an exponent, or a trailing zero behind the point: what a double may not give back. */
const suspicious = /\d{16}|\d[eE][+-]?\d|\.\d*0\b|-0\b/;

/** Numbers are `number`, or raw JSON (see `JSON.isRawJSON`) where that would change them. */
export function parseExactly(text: string): unknown {
  if (!suspicious.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return String(value) === context.source ? value : JSON.rawJSON(context.source);
  });
}

/** The digits of a number that {@link parseExactly} gave. */
export function numberText(value: unknown): string {
  return JSON.stringify(value);
}
