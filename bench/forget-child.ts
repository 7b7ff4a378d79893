/**
 * Forgets one lead in its own process, so that its peak memory is its own: `forget-child.ts <phase> <folder> <leads>`.
 */

import { pipelineTables } from '../lambdas/contract/pipeline-tables.ts';
import { findPersons } from '../lambdas/core/rewrite/find-persons.ts';
import { runRewrite, survey } from '../lambdas/core/rewrite/run-rewrite.ts';
import { leadExports } from '../lambdas/streams/lead-exports.ts';
import { streams } from '../lambdas/streams/registry.ts';
import { FolderStore } from './folder-store.ts';
import { portsOf } from './forget-current.ts';
import { forgottenLead, tables, writeRuns, writeTable } from './forget-lake.ts';
import { nights } from './forget-nights.ts';
import type { ForgetMeasurement } from './forget.ts';

const [phase = '', folder = '', count = '0'] = process.argv.slice(2);
const leads = Number(count);
const store = new FolderStore(folder);

/** Does what `ops forget --id` does: finds the rows, says what it will touch, and rewrites. */
async function measure(): Promise<ForgetMeasurement> {
  const ports = {
    ...portsOf(store, nights),
    onProgress() {},
    isBusy: async () => false,
    wait: async () => {},
  };
  const all = [...streams, leadExports];
  const registry = { streams: all, tables: pipelineTables };
  const clean = new Map<string, string>();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const wanted = { stream: 'leads', ids: [forgottenLead(leads)], addresses: [] };
  const { persons } = await findPersons(wanted, all, ports);
  const found = seconds();
  await survey({ command: 'forget', persons }, registry, ports, clean);
  const surveyed = seconds();
  const { touched } = await runRewrite({ command: 'forget', persons }, registry, ports, {
    clean,
    newKey: 'ab'.repeat(32),
  });
  return {
    seconds: { find: found, survey: surveyed - found, rewrite: seconds() - surveyed },
    peakBytes: process.resourceUsage().maxRSS * 1_024,
    touched,
    calls: store.calls,
    ...store.bytes,
  };
}

const table = tables.find(({ name }) => name === phase);
if (table) await writeTable(store, table, leads);
else if (phase === 'runs') await writeRuns(store, leads);
else process.stdout.write(JSON.stringify(await measure()));
