import type { RunReport } from '../../contract/run-report.ts';
import { foldedList } from './folded-list.ts';
import { causeKey } from './same-cause.ts';

/** The notes on the tables of a run, each once, after the tables to which it applies. */
export function tableNotes({ tables }: Pick<RunReport, 'tables'>): string[] {
  const names = Object.keys(tables);
  const all = Object.entries(tables).flatMap(([name, { notes }]) => notes.map((note) => ({ name, note })));
  return [...Map.groupBy(all, ({ note }) => causeKey(note, names)).values()].map((same) => {
    const [{ name, note } = { name: '', note: '' }] = same;
    const isOne = same.every((each) => each.note === note);
    return `${foldedList(same.map((each) => each.name))}: ${note}${isOne ? '' : ` This is the note of ${name}.`}`;
  });
}
