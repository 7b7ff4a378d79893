import { z } from 'zod';
import { wholeNumber } from '../local/cli/flag-values.ts';
import { command, runCommand } from '../local/cli/run-command.ts';
import { leadBounds } from '../local/simulator/options.ts';
import { textTable } from '../local/cli/text-table.ts';
import type { Bench } from './bench.ts';
import { currentBench } from './current.ts';
import { exportLoadBench } from './export-load.ts';
import { forgetBench } from './forget.ts';
import { localRunBench } from './local-run.ts';
import { parquetBench } from './parquet.ts';
import { racePeers } from './peers/race.ts';
import { webhookBench } from './webhook.ts';

/** All benchmarks by name, in the order in which they run. */
const benches: Readonly<Record<string, Bench>> = {
  parquet: parquetBench,
  current: currentBench,
  'local-run': localRunBench,
  'export-load': exportLoadBench,
  forget: forgetBench,
  webhook: webhookBench,
};
const names = Object.keys(benches);

const defaultLeads = 100_000;
/** Default number of leads in the larger of the two workspaces of a race. */
const defaultRace = 2_000;

export const bench = command({
  command: 'npm run bench',
  summary: 'Measures this project, and its peers where there are any.',
  positionals: ['benchmark'],
  flags: {
    leads: {
      value: '<n>',
      help: `of the workspace; default: ${defaultLeads}, with --peers ${defaultRace}`,
    },
    peers: { help: 'race dlt, airbyte-cdk and a Singer tap on the same API (needs Python and PyPI)' },
  },
  input: z.strictObject({
    benchmark: z.enum(names, `the benchmark has to be one of ${names.join(', ')}`).optional(),
    leads: wholeNumber('--leads', leadBounds).optional(),
    peers: z.boolean().default(false),
  }),
  async run({ benchmark, leads: wanted, peers }) {
    if (peers) {
      const largest = wanted ?? defaultRace;
      const { head, rows } = await racePeers([Math.ceil(largest / 2), largest]);
      console.log(textTable(head, rows));
      return 0;
    }
    const leads = wanted ?? defaultLeads;
    for (const [one, { name, run }] of Object.entries(benches)) {
      if (benchmark !== undefined && one !== benchmark) continue;
      console.log(`\n${name} (Node ${process.versions.node}, ${process.platform}/${process.arch})\n`);
      const { head, rows } = await run({ leads });
      console.log(textTable(head, rows));
    }
    return 0;
  },
});

if (import.meta.main) await runCommand(bench);
