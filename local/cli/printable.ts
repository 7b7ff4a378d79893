const acted = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** The colours and weights of this project's own output. They change nothing but how a letter looks. */
const styles = /(\u001b\[(?:[12]|22|3[123]|39)m)/;

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

/** {@link printable} for text of several lines: keeps the line breaks, and the colours of {@link paint}. */
export function printableLines(text: string): string {
  const line = (one: string) =>
    one
      .split(styles)
      .map((part, index) => (index % 2 === 1 ? part : printable(part)))
      .join('');
  return text.split('\n').map(line).join('\n');
}
