import { z } from 'zod';
import type { ColumnValue } from '../../contract/column-types.ts';
import type { CountedTable } from '../../contract/counted-table.ts';
import { count } from '../../contract/run.ts';
import type { RowColumns } from '../iceberg/data-file.ts';

/** A parent whose rows may continue in the next data file: whether it has outbound and inbound rows in this one. */
const edge = z.object({ id: z.string(), outbound: z.boolean(), inbound: z.boolean() });
type Edge = z.infer<typeof edge>;

/** What was counted in one data file, which never changes. */
export const fileCounts = z.object({
  rows: count,
  isTrue: count,
  /** Rows by week (its Monday, as YYYY-MM-DD) and category. */
  weeks: z.record(z.string(), z.record(z.string(), count)),
  /** Parents with outbound rows, and how many of them also have inbound rows. Parents in `edges` are not counted. */
  contacted: count,
  answered: count,
  /** The first and the last parent in the file: they may have rows in a neighbouring file too. */
  edges: z.array(edge),
});
export type FileCounts = z.infer<typeof fileCounts>;

/** Weeks that are counted, up to the present one. */
const weeksCounted = 53;
/** Most categories of a file. Rows of further ones count as {@link otherCategory}. */
const mostCategories = 20;
const longestCategory = 40;
export const otherCategory = 'other';
const noCategory = 'none';
const day = 86_400_000;

export function columnsToCount({ trueIn, weekly, conversation }: CountedTable): string[] {
  const all = [trueIn, weekly?.time, weekly?.category, conversation?.parent, conversation?.direction];
  return all.flatMap((name) => name ?? []);
}

/** Counts the rows of a data file, which are sorted by key. */
export function countFile(columns: RowColumns, counted: CountedTable, now: Date): FileCounts {
  const of = (name: string | undefined): readonly ColumnValue[] => (name === undefined ? [] : (columns[name] ?? []));
  const { weekly, conversation } = counted;
  return {
    rows: Object.values(columns)[0]?.length ?? 0,
    isTrue: of(counted.trueIn).filter((value) => value === true).length,
    weeks: weekly ? countWeeks(of(weekly.time), of(weekly.category), now) : {},
    ...countParents(conversation ? parentsOf(of(conversation.parent), of(conversation.direction)) : []),
  };
}

function countWeeks(
  times: readonly ColumnValue[],
  categories: readonly ColumnValue[],
  now: Date,
): Record<string, Record<string, number>> {
  const first = firstWeek(now, weeksCounted);
  const names = new Set<string>();
  const weeks = new Map<string, Map<string, number>>();
  for (const [at, time] of times.entries()) {
    if (!(time instanceof Date) || time.getTime() > now.getTime() + day) continue;
    const week = weekOf(time);
    if (week < first) continue;
    const category = categoryOf(categories[at] ?? null, names);
    const ofWeek = weeks.get(week) ?? new Map<string, number>();
    weeks.set(week, ofWeek.set(category, (ofWeek.get(category) ?? 0) + 1));
  }
  return Object.fromEntries([...weeks].map(([week, counts]) => [week, Object.fromEntries(counts)]));
}

/** The week's Monday in UTC. */
function weekOf(time: Date): string {
  const sinceMonday = (time.getUTCDay() + 6) % 7;
  return new Date(time.getTime() - sinceMonday * day).toISOString().slice(0, 10);
}

/** Monday of the first week of a period that ends with the present week. @param weeks length of the period */
export function firstWeek(now: Date, weeks: number): string {
  return weekOf(new Date(now.getTime() - (weeks - 1) * 7 * day));
}

function categoryOf(value: ColumnValue, names: Set<string>): string {
  if (typeof value !== 'string' || value === '') return noCategory;
  const name = value.slice(0, longestCategory).toLowerCase();
  if (!names.has(name) && names.size >= mostCategories) return otherCategory;
  names.add(name);
  return name;
}

function parentsOf(ids: readonly ColumnValue[], directions: readonly ColumnValue[]): Edge[] {
  const parents: Edge[] = [];
  for (const [at, id] of ids.entries()) {
    if (typeof id !== 'string') continue;
    const value = directions[at];
    const direction = typeof value === 'string' ? value.toLowerCase() : '';
    const last = parents.at(-1);
    const one = last?.id === id ? last : { id, outbound: false, inbound: false };
    if (one !== last) parents.push(one);
    one.outbound ||= direction === 'outbound';
    one.inbound ||= direction === 'inbound';
  }
  return parents;
}

function countParents(parents: readonly Edge[]): Pick<FileCounts, 'contacted' | 'answered' | 'edges'> {
  const edges = parents.filter((_, at) => at === 0 || at === parents.length - 1);
  return { ...sumParents(parents.slice(1, -1)), edges };
}

function sumParents(parents: readonly Edge[]): Pick<FileCounts, 'contacted' | 'answered'> {
  const contacted = parents.filter(({ outbound }) => outbound);
  return { contacted: contacted.length, answered: contacted.filter(({ inbound }) => inbound).length };
}

/** Rows of a week and a category. */
export interface WeekCount {
  readonly week: string;
  readonly category: string;
  readonly rows: number;
}

export interface TableCounts extends Pick<FileCounts, 'rows' | 'isTrue' | 'contacted' | 'answered'> {
  readonly weeks: readonly WeekCount[];
}

/** Adds up the files of a table. A parent at the edge of two files counts once. */
export function sumFiles(files: readonly FileCounts[]): TableCounts {
  const sum = (of: (file: FileCounts) => number) => files.reduce((total, file) => total + of(file), 0);
  const parents = new Map<string, Edge>();
  for (const { id, outbound, inbound } of files.flatMap(({ edges }) => edges)) {
    const known = parents.get(id);
    parents.set(id, {
      id,
      outbound: outbound || known?.outbound === true,
      inbound: inbound || known?.inbound === true,
    });
  }
  const atEdges = sumParents([...parents.values()]);
  return {
    rows: sum(({ rows }) => rows),
    isTrue: sum(({ isTrue }) => isTrue),
    contacted: sum(({ contacted }) => contacted) + atEdges.contacted,
    answered: sum(({ answered }) => answered) + atEdges.answered,
    weeks: sumWeeks(files),
  };
}

function sumWeeks(files: readonly FileCounts[]): WeekCount[] {
  const weeks = new Map<string, Map<string, number>>();
  for (const [week, counts] of files.flatMap((file) => Object.entries(file.weeks))) {
    const ofWeek = weeks.get(week) ?? new Map<string, number>();
    weeks.set(week, ofWeek);
    for (const [category, rows] of Object.entries(counts)) ofWeek.set(category, (ofWeek.get(category) ?? 0) + rows);
  }
  return [...weeks]
    .flatMap(([week, counts]) => [...counts].map(([category, rows]) => ({ week, category, rows })))
    .toSorted((a, b) => (`${a.week} ${a.category}` < `${b.week} ${b.category}` ? -1 : 1));
}
