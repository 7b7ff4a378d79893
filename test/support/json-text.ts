import fc from 'fast-check';

/** White space that JSON allows. */
export const anySpace = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 });

/** JSON texts in many spellings: indented, escaped, or with numbers that a double cannot represent. */
export const anyJsonText: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.jsonValue({ stringUnit: 'binary' }), fc.nat(3))
    .map(([value, indent]) => JSON.stringify(value, null, indent)),
  fc.string({ unit: 'binary' }).map(escaped),
  fc.constantFrom('1e400', '1.10', '-0', '9007199254740993', '1E5', '0.1000000000000000055511151231257827'),
);

/** A JSON string in which every character is escaped. */
export function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}
