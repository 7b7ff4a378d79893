import { changeText, isChange, type SchemaChange } from '../../contract/schema-changes.ts';
import { foldedList } from './folded-list.ts';

/** Equal changes of more fields than this are one line. */
const mostAlone = 3;

/** What stands before a change of the API: the same sentence is shown in the summary, by `ops status` and on the page. */
const lead = 'The API changed: ';

/**
 * The changes as lines for a person, without the columns that they suggest, which are one block for all:
 * {@link columnsToAdd}.
 * @param most lines
 */
export function changeTexts(
  changes: readonly SchemaChange[],
  most = Number.POSITIVE_INFINITY,
): { readonly texts: readonly string[]; readonly more: number } {
  const told = changes.map((change) => ({ ...change, suggestion: null }));
  const groups = Map.groupBy(told, ({ what, from, to }) => JSON.stringify([what, from, to]));
  const texts = [...groups.values()].flatMap((same) =>
    (same.length > mostAlone ? [foldedText(same)] : same.map(changeText)).map(
      (text) => `${same.every(isChange) ? lead : ''}${text}`,
    ),
  );
  return {
    texts: texts.slice(0, most),
    more: Math.max(0, texts.length - most),
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
