import { fileURLToPath } from 'node:url';
import { parseWorkspace } from '../lib/config/config.ts';
import type { WorkspaceInput } from '../lib/config/workspace-config.ts';
import { writeGenerated } from '../tools/generated-file.ts';
import { type BillLine, dollarsBy, total } from './bill.ts';
import { type Estimate, estimate, usdPerMillionRows } from './estimate.ts';
import { happenings } from './month.ts';
import { type Price, readPrices } from './prices.ts';
import { readReference, type ReferenceRun } from './reference.ts';
import { assumptions, smallLeads, workload } from './workload.ts';

/** Writes docs/cost.md from the prices and the measured run, or with `--check` says whether it is fresh. */

/** The same workload under other configurations. */
const variants: readonly { name: string; config: Omit<WorkspaceInput, 'name'> }[] = [
  { name: 'as it comes', config: {} },
  { name: '`webhooks: { enabled: false }`', config: { webhooks: { enabled: false } } },
  { name: '`webhooks: { windowSeconds: 300 }`', config: { webhooks: { windowSeconds: 300 } } },
  { name: '`concurrency: 4`', config: { concurrency: 4 } },
  { name: '`requestsPerMinute: 240`', config: { requestsPerMinute: 240 } },
];

const usd = (value: number) => `$${value.toFixed(2)}`;
const number = (value: number) => Math.round(value).toLocaleString('en-US');

export function costPage(): string {
  const [prices, run] = [readPrices(), readReference()];
  const of = (config: Omit<WorkspaceInput, 'name'>) =>
    estimate(parseWorkspace({ name: 'main', ...config }), run, prices);
  const base = of({});
  const { pipeline, queries, firstLoad, freeTierUsd, firstLoadRows } = base;
  const perMillion = (total(firstLoad) / firstLoadRows) * 1_000_000;
  return `<!-- Written by cost/page.ts from cost/prices.json and cost/reference-run.json. Run: npm run generate -->

# Cost

One workspace with the default configuration, in ${prices.region}, in US dollars, without any free tier:

| service | a month |
|---|---|
${serviceRows(pipeline)}
| **all** | **${usd(total(pipeline))}** |

- The same less what AWS gives every account each month, where nothing else in the account uses it: ${usd(total(pipeline) - freeTierUsd)}. The dashboard is one of the three that are free: it has no more than the 50 metrics that such a one may have, which a test counts.
- The first load, once: ${usd(total(firstLoad))}, or ${usd(perMillion)} a million rows. After it the work costs ${usd(usdPerMillionRows(base))} a million rows, beside what is paid in any case.
- Queries in Athena, ${workload.athenaQueriesPerDay} a day, each of the whole largest table after a year: ${usd(total(queries))} a month (below).

\`npm run cost\` says the same for the workspaces of your \`prospect-lake.config.ts\`, and \`npm run -s cost -- --json\` each line of it.

${counted(run)}

## Where it goes

| cause | a month |
|---|---|
${causeRows(pipeline, queries)}

| what is paid | cause | a month |
|---|---|---|
${largestLines([...pipeline, ...queries], prices.prices)}

## How to lower it

The same workload, configured otherwise:

| configuration | the pipeline, a month | less what is free | queries, a month | first load |
|---|---|---|---|---|
${variants.map(({ name, config }) => variantRow(name, of(config))).join('\n')}

- **Paid in any case.** Secrets, alarms by the metric, and Lambda, which asks each queue ${assumptions.pollersPerMapping} times every ${assumptions.pollSeconds} seconds if a maximum concurrency is set, and else ${assumptions.fewestPollers} times, also if nothing comes.
- **Waiting for the API.** Extract functions share \`requestsPerMinute\` and wait for their turn, and waiting is billed. Two (\`concurrency\`) read as fast as more, as long as an answer takes less than the time between two requests of one of them: two seconds at 60 a minute, half a second at 240. (445 requests at 60 a minute, each answered after 0.3 to 0.6 seconds, took 465 seconds with two and 508 with four, on 24 November 2026 on the embedded cloud.) A higher limit, where the vendor allows it, shortens the wait.
- **Webhooks.** Each window of \`webhooks.windowSeconds\` in which something changed becomes a run of its own, with files of its own: a longer window makes fewer.
- **Queries.** A view of current state reads the whole history of its table: Athena lists each day and opens each file: one a day, but of the last \`retention.runDays\` days one for each run, and with webhooks each refresh is one. Say \`WHERE dt >= …\` on the \`_history\` tables where a few days are enough, and let a BI tool extract once a day rather than ask at each click. \`athenaScanLimitGiB\` bounds a query's bytes, not its files.
- **Logs.** \`retention.logDays\`; the functions log a line a task, not a line a row.

## Prices

As they were found, with their date. AWS's own pages fill their tables in by script, so that the copies at hand show no numbers of most; each is read from the page named, and not verified against AWS's at the time of writing. Look at AWS's for your region before you rely on them.

| service | what | price | date | read from | AWS's page |
|---|---|---|---|---|---|
${Object.values(prices.prices).map(priceRow).join('\n')}

Not counted, since it is under a cent or none here: data transfer (what comes in is free, and what goes out is requests), S3's lifecycle (its expirations are free), keys that AWS manages, Glue's stored tables (a million are free), Athena's metrics.

## The check

\`test/cost/regression.test.ts\` measures a workload of ${smallLeads} leads anew, lets each count of the reference grow as that of the small one has, counts what the templates hold, and fails where a month of the pipeline, a month of queries, the first load, or one service of these that costs five cents or more, becomes dearer by more than a tenth. What was meant to cost more: \`npm run cost:record && npm run generate\`, and the commit shows by how much.
`;
}

function counted({ recordedOn, reference, small }: ReferenceRun): string {
  const { phases } = reference;
  const times = happenings(parseWorkspace({ name: 'main' }));
  const rows = (['firstLoad', 'night', 'webhook', 'export', 'reconciliation'] as const).map((name) => {
    const { repeats, apiRequests, rows: count, invocations, calls } = phases[name];
    const each = (sum: number) => number(sum / repeats);
    const sumOf = (service: string) =>
      Object.entries(calls).reduce((sum, [call, one]) => sum + (call.includes(` ${service}:`) ? one : 0), 0);
    const invoked = Object.values(invocations).reduce((sum, one) => sum + one, 0);
    const label = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    const often = name === 'firstLoad' ? 'once' : number(times[name]);
    return `| ${label} | ${often} | ${each(apiRequests)} | ${each(count)} | ${each(invoked)} | ${each(sumOf('s3'))} | ${each(sumOf('sqs'))} |`;
  });
  return `## What is counted

A simulated workspace of ${number(reference.leads)} leads with all that belongs to them, on the embedded cloud, recorded on ${recordedOn} by \`npm run cost:record\` in \`cost/reference-run.json\`: each call that a function made, by function and operation. Then a month of it, with ${workload.webhooksPerDay} webhooks a day over ${workload.workingHoursPerDay} hours, tables as old as ${workload.monthsOfHistory} months, and the alarms, secrets, keys, dashboards and queues that the templates hold.

| each | a month | API requests of extract | rows | invocations | S3 calls | SQS calls |
|---|---|---|---|---|---|---|
${rows.join('\n')}

- **Counts** differ from one recording of the same code to the next by less than a hundredth, bytes by less than a thousandth; the check measures them anew on ${number(small.leads)} leads.
- **Durations** are noisy, and of another machine. Those of the recording are kept, multiplied by the share of a processor that a function of that memory has, and compared with nothing. Extract is billed by the API's limit: 60 seconds, times the functions that share the limit, for each \`requestsPerMinute\` requests.
- **Not measurable here**, and reckoned: empty receives of the queues, looks at a run before it is over (each costs as much as the last), the requests with which the small files of a settled day become one (not the seconds that it takes), bytes of Lambda's own log lines and of access logs. They stand in \`cost/workload.ts\`, with their reasons.`;
}

function serviceRows(lines: readonly BillLine[]): string {
  return [...dollarsBy(lines, ({ service }) => service)]
    .map(([service, sum]) => `| ${service} | ${usd(sum)} |`)
    .join('\n');
}

function causeRows(pipeline: readonly BillLine[], queries: readonly BillLine[]): string {
  const names: Readonly<Record<string, string>> = { always: 'paid in any case', tables: 'keeping the tables' };
  return [...dollarsBy([...pipeline, ...queries], ({ cause }) => cause)]
    .map(([cause, sum]) => `| ${names[cause] ?? cause} | ${usd(sum)} |`)
    .join('\n');
}

function largestLines(lines: readonly BillLine[], prices: Readonly<Record<string, Price>>): string {
  return lines
    .filter(({ usd: sum }) => sum >= 0.1)
    .toSorted((a, b) => b.usd - a.usd)
    .map(({ price, cause, service, quantity, usd: sum }) => {
      const amount = quantity < 10 ? quantity.toFixed(2) : number(quantity);
      return `| ${service}: ${amount} ${prices[price]?.what ?? price} | ${cause === 'always' ? 'in any case' : cause} | ${usd(sum)} |`;
    })
    .join('\n');
}

function variantRow(name: string, { pipeline, queries, firstLoad, freeTierUsd }: Estimate): string {
  return `| ${name} | ${usd(total(pipeline))} | ${usd(total(pipeline) - freeTierUsd)} | ${usd(total(queries))} | ${usd(total(firstLoad))} |`;
}

function priceRow({ service, what, usd: price, per, official, source, date }: Price): string {
  const link = (url: string) => `[${new URL(url).hostname.replace('www.', '')}](${url})`;
  const each = per === 1 ? '' : ` for ${number(per)}`;
  return `| ${service} | ${what} | $${price}${each} | ${date ?? 'none given'} | ${source === null ? 'nowhere: from memory, not verified' : link(source)} | [page](${official}) |`;
}

if (import.meta.main) {
  const target = fileURLToPath(new URL('../docs/cost.md', import.meta.url));
  process.exitCode = writeGenerated(target, costPage(), process.argv);
}
