import { planKey, prefixes, reportKey } from '../../lambdas/contract/object-keys.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';

/** Runs with a plan and a report, and the keys of their receipts, as they are listed: run by run. */
export async function* publishedRuns(store: ObjectStore): AsyncGenerator<{ runId: string; receipts: string[] }> {
  let run = { runId: '', receipts: [] as string[], seen: new Set<string>() };
  const isPublished = () => run.seen.has(planKey(run.runId)) && run.seen.has(reportKey(run.runId));
  for await (const { key } of store.list(prefixes.runs)) {
    const [, runId = '', kind] = key.split('/');
    if (runId !== run.runId) {
      if (isPublished()) yield run;
      run = { runId, receipts: [], seen: new Set() };
    }
    if (kind === 'convert') run.receipts.push(key);
    else if (kind !== 'extract') run.seen.add(key);
  }
  if (isPublished()) yield run;
}
