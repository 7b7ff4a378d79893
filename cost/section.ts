/** Generates the figures in docs/cost.md. */

import { parseWorkspace } from '../lib/config/config.ts';
import type { WorkspaceInput } from '../lib/config/workspace-input.ts';
import { estimateOf } from './main.ts';
import { readReference } from './reference.ts';

const usd = (value: number) => `$${value.toFixed(2)}`;

/** Options that lower or raise the bill. */
const choices: readonly [what: string, config: Partial<WorkspaceInput>, leads: number][] = [
  ['as it comes, 20,000 leads', {}, 20_000],
  ['200,000 leads', {}, 200_000],
  ['`webhooks: { enabled: false }`', { webhooks: { enabled: false } }, 20_000],
  ['`webhooks: { windowSeconds: 300 }`', { webhooks: { windowSeconds: 300 } }, 20_000],
  ['`requestsPerMinute: 240`', { requestsPerMinute: 240 }, 20_000],
];

export function costSection(): string {
  const estimates = choices.map(([what, config, leads]) => ({
    what,
    ...estimateOf(parseWorkspace({ name: 'main', ...config }), leads),
  }));
  const [base] = estimates;
  const services = (base?.services ?? []).map(([service, sum]) => `| ${service} | ${usd(sum)} |`);
  const causes = (base?.causes ?? []).map(([cause, sum]) => `| ${cause} | ${usd(sum)} |`);
  const rows = estimates.map(
    ({ what, month, lessFreeTier, firstLoad, firstLoadHours }) =>
      `| ${what} | ${usd(month)} | ${usd(lessFreeTier)} | ${usd(firstLoad)} | ${Math.round(firstLoadHours)} |`,
  );
  const { small, large } = readReference();
  const requests = [small, large].map(
    ({ leads, phases }) =>
      `| ${leads.toLocaleString('en-US')} | ${phases.firstLoad.apiRequests.toLocaleString('en-US')} | ${phases.night.apiRequests} | ${phases.refresh.apiRequests} |`,
  );
  return `
| configuration | a month | after the free tier | first load | hours of it |
|---|---|---|---|---|
${rows.join('\n')}

| service, as it comes | a month |
|---|---|
${services.join('\n')}

| for | a month |
|---|---|
${causes.join('\n')}

| leads, as measured | requests of a first load | of a night | of a webhook |
|---|---|---|---|
${requests.join('\n')}

`;
}
