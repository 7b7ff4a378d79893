import { z } from 'zod';
import { toldKey } from '../../contract/object-keys.ts';
import type { RunReport } from '../../contract/run-report.ts';
import type { Announcer, Log, ObjectStore } from '../ports.ts';
import { readJson, updateJson } from '../store/stored-json.ts';
import type { RunProblem } from './run-problems.ts';

/** Problems that were reported to a person, by problem and table: when, and for which ending of which run. */
const toldProblems = z.record(z.string(), z.object({ at: z.iso.datetime(), ending: z.string() }));
type Told = z.infer<typeof toldProblems>;

const day = 24 * 3_600_000;

/**
 * Reports the problems of a run to a person. A nightly run reports all that it finds. Other runs report only what was
 * not reported for a day: two hundred webhooks with a revoked key must not make two hundred mails. A problem that was
 * solved is reported again when it comes back.
 *
 * The event is sent before this is recorded. If the process dies in between, the problem is reported twice; in the
 * other order, it might never be reported.
 * @param ending identifies this ending of the run; the same ending is reported once
 * @returns whether a problem that was reported still stands, of this run or of another
 */
export async function tellProblems(
  report: RunReport,
  problems: readonly RunProblem[],
  ending: string,
  { store, announcer, log }: { readonly store: ObjectStore; readonly announcer: Announcer; readonly log: Log },
): Promise<boolean> {
  const told = (await readJson(store, toldKey, toldProblems))?.value ?? {};
  const at = report.finishedAt;
  const isNews = (key: string): boolean => {
    const last = told[key];
    if (!last) return true;
    const isDue = report.kind === 'nightly' || Date.parse(at) - Date.parse(last.at) >= day;
    return isDue && last.ending !== ending;
  };
  const news = problems.filter((problem) => keysOf(problem).some(isNews));
  for (const { problem, message } of news) {
    log.warn('A problem is reported.', { problem, reason: message });
    await announcer.announce('needsAttention', { problem, message });
  }
  const standing = new Set(problems.flatMap(keysOf));
  const isMended = (key: string) => !standing.has(key) && (key.split(' ')[1] ?? '') in report.tables;
  if (news.length === 0 && !Object.keys(told).some(isMended)) return Object.keys(told).length > 0;
  const after = await updateJson(store, toldKey, toldProblems, {}, (current) => ({
    ...Object.fromEntries(Object.entries(current).filter(([key]) => !isMended(key))),
    ...Object.fromEntries(news.flatMap(keysOf).map((key) => [key, { at, ending }] satisfies [string, Told[string]])),
  }));
  return Object.keys(after).length > 0;
}

function keysOf({ problem, tables }: RunProblem): string[] {
  return tables.map((table) => `${problem} ${table}`);
}
