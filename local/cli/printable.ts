const acted = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escape = '\u001b';
/**
 * The colours and weights of this project's own output: their escape sequences, without the escape character. They are
 * left unescaped.
 */
const style = /^\[(?:[12]|22|3[123]|39)m/;

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
  return text.split('\n').map(printableLine).join('\n');
}

function printableLine(line: string): string {
  const [first = '', ...escaped] = line.split(escape);
  const parts = escaped.map((part) => {
    const styled = style.exec(part)?.[0];
    return styled === undefined ? printable(escape + part) : escape + styled + printable(part.slice(styled.length));
  });
  return printable(first) + parts.join('');
}
