import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { causesOf } from '../../lambdas/core/runs/causes.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { isWholeNight, leftOutOf, standingNight } from '../../lambdas/core/runs/last-night.ts';
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
  /** Every table that can be read. */
  readonly allTables: readonly string[];
  /** Tables that runs under way read. @default none */
  readonly beingRead?: readonly string[];
}

/** How fresh the tables are: one line for all tables that the same night read. */
export function freshnessLines(facts: FreshnessFacts, terminal: Terminal): string[] {
  const { readUpTo, runs, now } = facts;
  if (readUpTo.length === 0) return ['No table has been read whole yet.'];
  const read = new Set(readUpTo.map(({ table }) => table));
  const lastNight = standingNight(runs);
  const neverRead = Object.keys(lastNight?.tables ?? {}).filter((table) => !read.has(table));
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
    ...(lastNight ? leftOutLines(lastNight, facts) : []).flatMap((text) => wrap(text, terminal, '  ')),
  ];
}

function leftOutLines(night: RunReport, facts: FreshnessFacts): string[] {
  const { switchedOff, beingRead } = leftOutOf(night, facts.allTables, facts.beingRead);
  // In full: nothing else of the status names these tables.
  const names = switchedOff.join(', ');
  const why = isWholeNight(night)
    ? `switched off, because \`streams\` of the configuration does not name them: ${names}`
    : `not asked for by any run shown here: ${names}`;
  return [
    ...(switchedOff.length === 0 ? [] : [why]),
    ...(beingRead.length === 0 ? [] : [`still being read by another run: ${foldedList(beingRead)}`]),
  ];
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
