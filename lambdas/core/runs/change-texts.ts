import { changeText, columnAdvice, isChange, type SchemaChange } from '../../contract/schema-changes.ts';
import { foldedList } from './folded-list.ts';

/** Equal changes of more fields than this are one line. */
const mostAlone = 3;

/** What stands before a change of the API: the same sentence is shown in the summary, by `ops status` and on the page. */
const lead = 'The API changed: ';

/**
 * The changes as lines for a person, and one suggestion for all of them if several have one.
 * @param most lines; the suggestion is about all changes
 */
export function changeTexts(
  changes: readonly SchemaChange[],
  most = Number.POSITIVE_INFINITY,
): { readonly texts: readonly string[]; readonly more: number; readonly advice: string | null } {
  const merged = mergedSuggestion(changes);
  const told = merged === null ? changes : changes.map((change) => ({ ...change, suggestion: null }));
  const groups = Map.groupBy(told, ({ what, from, to, suggestion }) => JSON.stringify([what, from, to, suggestion]));
  const texts = [...groups.values()].flatMap((same) =>
    (same.length > mostAlone ? [foldedText(same)] : same.map(changeText)).map(
      (text) => `${same.every(isChange) ? lead : ''}${text}`,
    ),
  );
  return {
    texts: texts.slice(0, most),
    more: Math.max(0, texts.length - most),
    advice: merged === null ? null : `${columnAdvice('these fields columns')} ${merged}`,
  };
}

function foldedText(changes: readonly SchemaChange[]): string {
  const names = foldedList(changes.map(({ table, field }) => `${table}.${field}`));
  const [{ what, from, to } = { what: 'gone', from: [], to: [] }] = changes;
  const said = {
    new: `are new: ${to.join(' or ') || 'null'}`,
    gone: 'are gone',
    'another type': `were ${from.join(' or ')} and are now ${to.join(' or ')}`,
    undeclared: `have no column, and are kept in _extra: ${to.join(' or ')}`,
  }[what];
  return `${names} ${said}.`;
}

/**
 * The suggestions of several changes as one block: pasted below each other, each `customColumns` would replace the one
 * before. @returns null if fewer than two changes have a suggestion, because one can be pasted as it is
 */
function mergedSuggestion(changes: readonly SchemaChange[]): string | null {
  const columns = changes.flatMap(({ suggestion }) => {
    const [, table, column] = /^customColumns: \{ (\w+): \{ (.*) \} \}$/.exec(suggestion ?? '') ?? [];
    return table === undefined || column === undefined ? [] : [{ table, column }];
  });
  if (columns.length < 2) return null;
  const tables = [...Map.groupBy(columns, ({ table }) => table)].map(
    ([table, of]) => `${table}: { ${of.map(({ column }) => column).join(', ')} }`,
  );
  return `customColumns: { ${tables.join(', ')} }`;
}
