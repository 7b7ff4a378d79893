import { parseArgs } from 'node:util';
import { textTable } from '../local/text-table.ts';
import { exportLoadBench } from './export-load.ts';
import { localRunBench } from './local-run.ts';
import { parquetBench } from './parquet.ts';

export interface BenchTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Bench {
  /** Heading of its table. */
  readonly name: string;
  /** Measures; may take minutes. */
  run(options: { readonly leads: number }): Promise<BenchTable>;
}

/** Each prints one table, in this order. */
const benches: readonly Bench[] = [parquetBench, localRunBench, exportLoadBench];

const { values } = parseArgs({ options: { leads: { type: 'string', default: '100000' } } });
const leads = Number(values.leads);
if (!Number.isSafeInteger(leads) || leads < 1) {
  console.error(`--leads takes a whole number of leads, such as 100000; '${values.leads}' is none.`);
  process.exit(2);
}

for (const { name, run } of benches) {
  console.log(`\n${name} (Node ${process.versions.node}, ${process.platform}/${process.arch})\n`);
  const { head, rows } = await run({ leads });
  console.log(textTable(head, rows));
}
