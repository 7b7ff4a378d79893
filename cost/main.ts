import { z } from 'zod';
import { durationText } from '../lambdas/core/runs/duration-text.ts';
import { counted } from '../lambdas/core/runs/counted.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { configuredWorkspaces, noteIfDefault } from '../local/cli/configured-workspaces.ts';
import { wholeNumber } from '../local/cli/flag-values.ts';
import { programCommand } from '../local/cli/command-names.ts';
import { command } from '../local/cli/run-command.ts';
import { terminalOf, wrap } from '../local/cli/terminal.ts';
import { textTable } from '../local/cli/text-table.ts';
import {
  dollarsBy,
  firstLoadOf,
  freeTier,
  monthOf,
  requestHours,
  total,
  usualWorkload,
  type Workload,
} from './model.ts';
import { readPrices } from './prices.ts';
import { readReference } from './reference.ts';

const defaultLeads = 20_000;
const usd = (value: number) => value.toFixed(2);

export const cost = command({
  ...programCommand('cost'),
  flags: {
    leads: { value: '<n>', help: `number of leads; default: ${defaultLeads}` },
    'webhooks-per-day': { value: '<n>', help: `webhook events a day; default: ${usualWorkload.webhooksPerDay}` },
    'queries-per-day': { value: '<n>', help: `queries a day; default: ${usualWorkload.queriesPerDay}` },
    'months-of-history': {
      value: '<n>',
      help: `months for which the history has grown; default: ${usualWorkload.monthsOfHistory}`,
    },
    json: { help: 'answer in JSON' },
  },
  input: z.strictObject({
    leads: wholeNumber('--leads', { least: 1, most: 10_000_000 }).default(defaultLeads),
    webhooksPerDay: wholeNumber('--webhooks-per-day', { least: 0, most: 1_000_000 }).default(
      usualWorkload.webhooksPerDay,
    ),
    queriesPerDay: wholeNumber('--queries-per-day', { least: 0, most: 1_000_000 }).default(usualWorkload.queriesPerDay),
    monthsOfHistory: wholeNumber('--months-of-history', { least: 0, most: 1_200 }).default(
      usualWorkload.monthsOfHistory,
    ),
    json: z.boolean().default(false),
  }),
  async run({ leads, json, ...chosen }) {
    const workload: Workload = { ...usualWorkload, ...chosen };
    const workspaces = await configuredWorkspaces();
    noteIfDefault(workspaces);
    const estimates = workspaces.map((config) => ({
      name: config.name,
      region: config.region,
      hasWebhooks: config.webhooks.enabled,
      ...estimateOf(config, leads, workload),
    }));
    if (json)
      process.stdout.write(`${JSON.stringify({ region: 'us-east-1', leads, workload, workspaces: estimates })}\n`);
    else
      for (const each of estimates)
        process.stdout.write(
          `${linesOf(each, leads, workload)
            .flatMap((line) => (line.includes('\n') ? [line] : wrap(line, terminalOf(process.stdout))))
            .join('\n')}\n`,
        );
    return 0;
  },
});

/** Estimates what a workspace costs, in dollars: per month, and once for the first load. Says how long that and a night take. */
export function estimateOf(config: WorkspaceConfig, leads = defaultLeads, workload: Workload = usualWorkload) {
  const [prices, reference] = [readPrices(), readReference()];
  const month = monthOf(config, leads, reference, workload);
  const firstLoadHours = requestHours('firstLoad', config, leads, reference);
  const nightHours = requestHours('night', config, leads, reference);
  return {
    services: dollarsBy(month, prices, ({ price }) => prices[price].service),
    causes: dollarsBy(month, prices, ({ cause }) => cause),
    month: total(month, prices),
    lessFreeTier: total(month, prices) - freeTier(month, prices),
    firstLoad: total(firstLoadOf(config, leads, reference), prices),
    firstLoadHours,
    nightHours,
    warnings: warningsOf(config, firstLoadHours, nightHours),
  };
}

function warningsOf({ runDeadlineHours }: WorkspaceConfig, firstLoadHours: number, nightHours: number): string[] {
  const faster = 'Raise requestsPerMinute if the API allows more';
  return [
    ...(firstLoadHours > runDeadlineHours
      ? [
          `The first load takes longer than a run may (runDeadlineHours, ${runDeadlineHours}), so it goes on over several runs. ${faster}.`,
        ]
      : []),
    ...(nightHours > 24 ? [`A night takes longer than a day. ${faster}, or raise reading.childRereadDays.`] : []),
  ];
}

function linesOf(
  {
    name,
    region,
    hasWebhooks,
    ...of
  }: ReturnType<typeof estimateOf> & { name: string; region: string | undefined; hasWebhooks: boolean },
  leads: number,
  { webhooksPerDay, queriesPerDay, monthsOfHistory }: Workload,
): string[] {
  const { small, large } = readReference();
  return [
    `Workspace '${name}', ${counted(leads, 'lead')}, ${hasWebhooks ? `${counted(webhooksPerDay, 'webhook')} and ` : 'webhooks switched off, '}${counted(queriesPerDay, 'query', 'queries')} a day, a history of ${counted(monthsOfHistory, 'month')}, us-east-1, US dollars:`,
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
    `Requests to the API, at the configured rate: about ${durationText(of.firstLoadHours * 3_600)} for the first load, and ${durationText(of.nightHours * 3_600)} a night.`,
    ...of.warnings,
    `Prices are those of us-east-1${region === undefined || region === 'us-east-1' ? '' : `, not of ${region}`}; counts lie on a line through workspaces of ${small.leads} and ${large.leads} leads.`,
    'What it rests on, and how to lower it: docs/cost.md.',
  ];
}
