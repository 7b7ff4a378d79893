import { parseArgs } from 'node:util';
import { wholeNumber } from '../local/cli/flag-values.ts';
import { runCommand } from '../local/cli/run-main.ts';
import { leadBounds } from '../local/simulator/simulator.ts';
import { textTable } from '../local/cli/text-table.ts';
import type { Bench } from './bench.ts';
import { exportLoadBench } from './export-load.ts';
import { localRunBench } from './local-run.ts';
import { parquetBench } from './parquet.ts';

/** Each prints one table, in this order. */
const benches: readonly Bench[] = [parquetBench, localRunBench, exportLoadBench];

const defaultLeads = 100_000;
const usage = `npm run bench -- [--leads <n>]   (of the workspace; ${defaultLeads} by default)`;

await runCommand(usage, async (args) => {
  const { values } = parseArgs({ args, options: { leads: { type: 'string' } }, allowPositionals: false });
  const leads = wholeNumber('--leads', values.leads, leadBounds) ?? defaultLeads;
  for (const { name, run } of benches) {
    console.log(`\n${name} (Node ${process.versions.node}, ${process.platform}/${process.arch})\n`);
    const { head, rows } = await run({ leads });
    console.log(textTable(head, rows));
  }
  return 0;
});
