import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { causesOf } from '../../lambdas/core/runs/causes.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { isNotDue } from '../../lambdas/core/runs/not-due.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { relativeTime } from '../../local/cli/durations.ts';
import { paint, type Terminal, wrap } from '../../local/cli/terminal.ts';

export interface FreshnessFacts {
  readonly now: Date;
  /** The last runs that have ended, newest first. */
  readonly runs: readonly RunReport[];
  /** For each table, the start of the newest nightly run that read it whole. */
  readonly readUpTo: readonly { readonly table: string; readonly at: string }[];
}

/** How fresh the tables are: one line for all tables that the same night read. */
export function freshnessLines({ readUpTo, runs, now }: FreshnessFacts, terminal: Terminal): string[] {
  if (readUpTo.length === 0) return ['No table has been read whole yet.'];
  const read = new Set(readUpTo.map(({ table }) => table));
  const lastNight = runs.find(({ kind }) => kind === 'nightly');
  const neverRead = Object.keys(lastNight?.tables ?? {}).filter((table) => !read.has(table));
  const notRead = lastNight ? notReadBy(lastNight, readUpTo) : [];
  const nights = [...Map.groupBy(readUpTo, ({ at }) => at)].toSorted(([one], [other]) => (one < other ? 1 : -1));
  return [
    paint(terminal, 'bold', 'Read up to:'),
    ...nights.flatMap(([at, tables], index) => {
      const incomplete = at === lastNight?.startedAt ? incompleteIn(lastNight) : new Map<string, ProblemName>();
      const notDue = at === lastNight?.startedAt ? notDueIn(lastNight) : [];
      const names = tables
        .map(({ table }) => table)
        .filter((table) => !incomplete.has(table) && !notDue.includes(table));
      // The newest night usually read most tables. Those that lag behind are named.
      const which = index === 0 && names.length > 3 ? counted(names.length, 'table') : foldedList(names);
      const held = tables.flatMap(({ table }) => {
        const why = incomplete.get(table);
        return why === undefined ? [] : [`${table} (${why})`];
      });
      const when = `${at} (${relativeTime(new Date(at), now)})`;
      return [
        ...(names.length === 0 ? [] : wrap(`${when}: ${which}`, terminal, '  ')),
        ...(notDue.length === 0
          ? []
          : wrap(`not due that night, so not asked for: ${foldedList(notDue)}`, terminal, '  ')),
        ...(held.length === 0
          ? []
          : wrap(`${when}, but incomplete: ${held.join(', ')}`, terminal, '  ').map((line) =>
              paint(terminal, 'yellow', line),
            )),
      ];
    }),
    ...(neverRead.length === 0
      ? []
      : wrap(`never: ${foldedList(neverRead)}`, terminal, '  ').map((line) => paint(terminal, 'red', line))),
    ...(notRead.length === 0
      ? []
      : wrap(
          `The last night did not read ${foldedList(notRead)}. Only tables in \`streams\` of the configuration are read.`,
          terminal,
          '  ',
        )),
  ];
}

/** The tables that earlier nights read and this one was not to read. */
export function notReadBy({ startedAt, tables }: RunReport, readUpTo: FreshnessFacts['readUpTo']): string[] {
  return readUpTo.flatMap(({ table, at }) => (at < startedAt && !(table in tables) ? [table] : []));
}

/** The tables of which a run had nothing to ask for. */
function notDueIn({ tables }: RunReport): string[] {
  return Object.keys(tables).filter((name) => tables[name] && isNotDue(tables[name]));
}

/** The incomplete tables of a run, each with the section of the runbook that says why. */
function incompleteIn(run: RunReport): Map<string, ProblemName> {
  return new Map(
    causesOf(run, streams).flatMap(({ problem, tables }) => tables.map((table) => [table, problem] as const)),
  );
}
