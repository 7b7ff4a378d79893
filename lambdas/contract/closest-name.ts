/**
 * The known name that a misspelled or shortened one most likely means, such as `apiBaseUrl` for `apiUrl`; undefined if
 * none is close.
 * @param spelled how a person spells a known name. @default the name itself
 */
export function closestName(
  name: string,
  names: readonly string[],
  spelled: (known: string) => string = (known) => known,
): string | undefined {
  return closestNames(name, names, spelled)[0];
}

/** The known names that a misspelled one may mean, the closest first. */
export function closestNames(
  name: string,
  names: readonly string[],
  spelled: (known: string) => string = (known) => known,
): string[] {
  return names
    .map((known) => ({ known, edits: editsBetween(name, spelled(known)) }))
    .filter(({ known, edits }) => edits < known.length / 2 && (edits <= 3 || edits === known.length - name.length))
    .toSorted((a, b) => a.edits - b.edits)
    .map(({ known }) => known);
}

/** What to say about a name that is not known: the one that is close, or else `all`, which lists them. */
export function suggestion(name: string, names: readonly string[], all: string): string {
  const closest = closestName(name, names);
  return closest === undefined ? all : `did you mean ${closest}?`;
}

/** Number of characters to insert, delete or replace to make one word of the other (Levenshtein distance). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let line = 0; line < from.length; line += 1) {
    const next = [line + 1];
    for (let at = 0; at < to.length; at += 1)
      next.push(
        Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (from[line] === to[at] ? 0 : 1)),
      );
    row = next;
  }
  return row[to.length] ?? 0;
}
