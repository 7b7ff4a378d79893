const acted = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Escapes control characters, which a terminal would act on, and characters that change the direction of text. The
 * tables hold text that strangers have typed. The escaped form of JSON text is the same JSON.
 */
export function printable(text: string): string {
  return text.replaceAll(
    acted,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** {@link printable} for text of several lines: keeps the line breaks. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
