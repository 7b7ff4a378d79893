const namesShown = 2;
/** A list of up to this many names is shown in full: `and 2 more` would be no shorter. */
const mostNamed = 4;

/** A list for a person: `leads, messages and 31 more`. The report and `--json` have every name. */
export function foldedList(names: readonly string[]): string {
  if (names.length <= mostNamed) return names.join(', ');
  return `${names.slice(0, namesShown).join(', ')} and ${(names.length - namesShown).toLocaleString('en-US')} more`;
}
