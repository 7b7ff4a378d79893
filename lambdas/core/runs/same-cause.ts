/**
 * Parts of an error's message that differ from table to table although the cause is one: ids, numbers, paths. The status
 * of an answer is not one of them.
 */
const details: readonly (readonly [part: RegExp, sameForAll: string])[] = [
  [/ Not read: .*$/s, ''],
  [/ The first is .*?: /s, ' The first is: '],
  [/\b(task|chunk) \S+/gi, 'work'],
  [/(?<= rows of )\w+/g, 'parent'],
  [/(?<=asked for )\/\S+/g, 'path'],
  [/(?<=There is no )\/[^\s.]+/g, 'path'],
  [/(?<!answered )\b\d+\b/g, '0'],
];

/** The message without its details. Two tables with the same one have the same cause, and need the same action. */
export function causeKey(message: string, tables: readonly string[]): string {
  const named = new RegExp(`\\b(${tables.join('|')})\\b`, 'g');
  return details.reduce((text, [part, sameForAll]) => text.replace(part, sameForAll), message).replace(named, 'table');
}
