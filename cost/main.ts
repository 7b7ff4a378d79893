import { z } from 'zod';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { configuredWorkspaces } from '../local/cli/configured-workspaces.ts';
import { wholeNumber } from '../local/cli/flag-values.ts';
import { programCommand } from '../local/cli/command-names.ts';
import { command } from '../local/cli/run-command.ts';
import { textTable } from '../local/cli/text-table.ts';
import { dollarsBy, firstLoadOf, freeTier, monthOf, total, workload } from './model.ts';
import { readPrices } from './prices.ts';
import { readReference } from './reference.ts';

const defaultLeads = 20_000;
const usd = (value: number) => value.toFixed(2);

export const cost = command({
  ...programCommand('cost'),
  flags: {
    leads: { value: '<n>', help: `number of leads; default: ${defaultLeads}` },
    json: { help: 'answer in JSON' },
  },
  input: z.strictObject({
    leads: wholeNumber('--leads', { least: 1, most: 10_000_000 }).default(defaultLeads),
    json: z.boolean().default(false),
  }),
  async run({ leads, json }) {
    const estimates = (await configuredWorkspaces()).map((config) => ({
      name: config.name,
      ...estimateOf(config, leads),
    }));
    if (json)
      process.stdout.write(`${JSON.stringify({ region: 'us-east-1', leads, workload, workspaces: estimates })}\n`);
    else for (const each of estimates) process.stdout.write(`${linesOf(each, leads).join('\n')}\n`);
    return 0;
  },
});

/** Estimates what a workspace costs, in dollars: per month, and once for the first load. */
export function estimateOf(config: WorkspaceConfig, leads = defaultLeads) {
  const [prices, reference] = [readPrices(), readReference()];
  const month = monthOf(config, leads, reference);
  return {
    services: dollarsBy(month, prices, ({ price }) => prices[price].service),
    causes: dollarsBy(month, prices, ({ cause }) => cause),
    month: total(month, prices),
    lessFreeTier: total(month, prices) - freeTier(month, prices),
    firstLoad: total(firstLoadOf(config, leads, reference), prices),
  };
}

function linesOf({ name, ...of }: ReturnType<typeof estimateOf> & { name: string }, leads: number): string[] {
  return [
    `Workspace '${name}', ${leads.toLocaleString('en-US')} leads, ${workload.webhooksPerDay} webhooks a day, us-east-1, US dollars:`,
    '',
    textTable(
      ['service', 'a month'],
      [...of.services, ['all', of.month] as const].map(([what, sum]) => [what, usd(sum)]),
    ),
    '',
    textTable(
      ['for', 'a month'],
      of.causes.map(([what, sum]) => [what, usd(sum)]),
    ),
    '',
    `After AWS's free tier, if nothing else in the account uses it: ${usd(of.lessFreeTier)} a month. The first load, once: ${usd(of.firstLoad)}.`,
    'What it rests on, and how to lower it: docs/cost.md.',
  ];
}
