/** In characters. A number with a longer text is not compared: it counts as different, and is kept in `_extra`. */
const longestText = 400;

/** Whether a double is the same number as its JSON text: `1.10` and `2e3` are, `9007199254740993` is not. */
export function isSameDecimal(value: number, text: string): boolean {
  if (String(value) === text) return true;
  if (text.length > longestText) return false;
  // Above 2^53 the shortest text of a double has other digits than the integer that it stands for.
  if (/^-?\d+$/.test(text)) return BigInt(value) === BigInt(text);
  return canonical(String(value)) === canonical(text);
}

/** A number as its significant digits and the exponent of the last digit. */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = digits.replace(/0+$/, '');
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
