import { textTable } from '../local/cli/text-table.ts';
import { z } from 'zod';
import { configuredWorkspaces } from '../local/cli/configured-workspaces.ts';
import { command, runCommand } from '../local/cli/run-command.ts';
import { dollarsBy, total } from './bill.ts';
import { type Estimate, estimate, usdPerMillionRows } from './estimate.ts';
import { readPrices } from './prices.ts';
import { readReference } from './reference.ts';
import { workload } from './workload.ts';

const usd = (value: number) => value.toFixed(2);

export const cost = command({
  command: 'npm run cost',
  summary: 'Tells what each workspace of prospect-lake.config.ts costs a month, by service.',
  flags: { json: { help: 'answer in JSON' } },
  input: z.strictObject({ json: z.boolean().default(false) }),
  async run({ json }) {
    const prices = readPrices();
    const run = readReference();
    const estimates = (await configuredWorkspaces()).map((config) => ({
      name: config.name,
      ...estimate(config, run, prices),
    }));
    if (json) {
      process.stdout.write(`${JSON.stringify({ region: prices.region, workload, workspaces: estimates }, null, 2)}\n`);
    } else {
      for (const each of estimates) process.stdout.write(`${linesOf(each, prices.region).join('\n')}\n`);
    }
    return 0;
  },
});

function linesOf(each: Estimate & { name: string }, region: string): string[] {
  const { name, pipeline, queries, firstLoad, firstLoadRows, freeTierUsd } = each;
  const rows = [...dollarsBy(pipeline, ({ service }) => service)].map(([service, sum]) => [service, usd(sum)]);
  const perMillion = (total(firstLoad) / firstLoadRows) * 1_000_000;
  return [
    `Workspace '${name}', ${workload.leads.toLocaleString('en-US')} leads, ${region}, US dollars:`,
    '',
    textTable(['service', 'a month'], [...rows, ['all', usd(total(pipeline))]]),
    '',
    `Less the free tier, where nothing else uses it: ${usd(total(pipeline) - freeTierUsd)} a month.`,
    `Queries (${workload.athenaQueriesPerDay} a day, of the largest table, after a year): ${usd(total(queries))} a month.`,
    `First load, once: ${usd(total(firstLoad))}, or ${usd(perMillion)} a million rows. After it: ${usd(usdPerMillionRows(each))} a million rows.`,
    'What it rests on, and how to lower it: docs/cost.md.',
  ];
}

if (import.meta.main) await runCommand(cost);
