/** How many leads there are, and what follows from it: requests, hours and dollars. */

import { counted, number } from '../../lambdas/core/runs/counted.ts';
import { z } from 'zod';
import { estimateOf } from '../../cost/main.ts';
import { countsFor, readReference } from '../../cost/reference.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import type { Api } from '../api/ask.ts';
import { type Page, pageOf } from '../contract/page.ts';
import { type Finding, look, note, ok, skipped } from '../finding.ts';
import type { Endpoint } from './endpoints.ts';
import type { RequestsSeen } from './requests-seen.ts';

export interface Leads {
  readonly count: number;
  /** False if there may be more than `count`. */
  readonly isExact: boolean;
  /** Where the number comes from, in words. */
  readonly from: string;
}

/** Pages of leads that are read in order to count them. */
export const countingPages = 10;
/** Rows per page while leads are counted, unless the API refuses so many. */
const countingRows = 1_000;

const exportRow = z.object({ row_count: z.number().int().positive(), created_at: z.string() });

/**
 * Counts the leads: by a total that the API reports, by the newest export of all leads, or by reading more pages.
 * @returns undefined if the leads cannot be read
 */
export async function countLeads(
  endpoints: readonly Endpoint[],
  api: Api,
  pageSize: number,
): Promise<Leads | undefined> {
  const pageFrom = (name: string) =>
    endpoints.find(({ operation }) => operation.kind === 'list' && operation.stream.name === name)?.page;
  const page = pageFrom('leads');
  if (!page) return undefined;
  if (page.total !== undefined) return { count: page.total, isExact: true, from: 'the API says so' };
  const read = await countPages(page, api, pageSize);
  if (read.isExact) return read;
  const [newest] = (pageFrom('exports')?.rows ?? [])
    .flatMap((row) => exportRow.safeParse(row).data ?? [])
    .filter((each) => each.row_count >= read.count)
    .toSorted((a, b) => b.created_at.localeCompare(a.created_at));
  if (!newest) return read;
  return {
    count: newest.row_count,
    isExact: false,
    from: `an export of ${newest.created_at.slice(0, 10)} has so many rows`,
  };
}

async function countPages(first: Page, api: Api, pageSize: number): Promise<Leads> {
  let count = first.rows.length;
  let page: Page | undefined = first;
  let limit = countingRows;
  let pages = 1;
  for (let read = 1; read <= countingPages && page?.hasMore && page.cursor !== undefined; read += 1) {
    const asked = await api.ask('/leads', { limit: String(limit), cursor: page.cursor });
    if (!asked.isGood && limit > pageSize) {
      limit = pageSize;
      continue;
    }
    page = asked.isGood ? pageOf('list', asked.json) : undefined;
    if (page) pages += 1;
    count += page?.rows.length ?? 0;
  }
  const isExact = page?.hasMore === false;
  return {
    count,
    isExact,
    from: isExact ? 'counted' : `counted so far, in ${pages} ${pages === 1 ? 'page' : 'pages'}`,
  };
}

export interface Load {
  readonly requests: number;
  readonly hours: number;
}

export interface Estimate {
  readonly leads: number;
  readonly firstLoad: Load & { readonly dollars: number };
  readonly night: Load;
  readonly dollarsPerMonth: number;
}

/**
 * Requests to the API, from the counts of the reference workspaces.
 * @param seen replaces the requests of tables of which the examination knows more
 */
export function requestsFor(
  phase: 'firstLoad' | 'night',
  leads: number,
  config: WorkspaceConfig,
  seen: RequestsSeen = new Map(),
): number {
  const { apiRequests, requestsByTable } = countsFor(readReference(), phase, leads, config);
  const others = Object.values(requestsByTable).reduce((rest, count) => rest - count, apiRequests);
  const wholeOf = (table: string) => countsFor(readReference(), 'firstLoad', leads, config).requestsByTable[table] ?? 0;
  const byTable = Object.entries(requestsByTable).map(([table, count]) => {
    const { firstLoad, night } = seen.get(table) ?? {};
    if (phase === 'firstLoad') return firstLoad ?? count;
    return night === 'firstLoad' ? (firstLoad ?? wholeOf(table)) : (night ?? count);
  });
  return Math.ceil(byTable.reduce((sum, count) => sum + count, others));
}

/** Estimates from the counts of the reference workspaces, as `npx prospect-lake cost` does. */
export function estimate(config: WorkspaceConfig, leads: number, seen?: RequestsSeen): Estimate {
  const load = (phase: 'firstLoad' | 'night'): Load => {
    const requests = requestsFor(phase, leads, config, seen);
    return { requests, hours: requests / config.requestsPerMinute / 60 };
  };
  const { month, firstLoad } = estimateOf(config, leads);
  return {
    leads,
    firstLoad: { ...load('firstLoad'), dollars: firstLoad },
    night: load('night'),
    dollarsPerMonth: month,
  };
}

/**
 * @param estimated with the settings that leave out what cannot be loaded
 * @param configured with the configuration as it is; undefined if nothing has to be left out
 */
export function sizeFindings(
  leads: Leads | undefined,
  estimated: Estimate | undefined,
  config: WorkspaceConfig,
  configured?: Estimate,
): Finding[] {
  if (!leads || !estimated)
    return [skipped('size', 'The leads cannot be counted. Say their number with --leads to get an estimate.')];
  const { firstLoad, night, dollarsPerMonth } = estimated;
  const at = `at ${counted(config.requestsPerMinute, 'request')} a minute`;
  const count = `${leads.isExact ? '' : 'at least '}${number(leads.count)} leads (${leads.from})`;
  const least = leads.isExact ? '' : ', at least';
  const basis = configured ? ' with the settings that load the rest' : '';
  const first = `some ${number(firstLoad.requests)} requests, ${duration(firstLoad.hours)} ${at}, ${dollars(firstLoad.dollars)}${basis}${least}`;
  const eachNight = `some ${number(night.requests)} requests, ${duration(night.hours)} ${at}${basis}${least}`;
  const asConfigured = configured ? `${dollars(configured.dollarsPerMonth)} as configured, ` : '';
  const { small, large } = readReference();
  const isMeasured = leads.count >= small.leads && leads.count <= large.leads;
  const isLong = night.hours > longestNightHours;
  return [
    ok('size', leads.isExact ? count : `${count}. If you know the number, say it with --leads`),
    firstLoad.hours > config.runDeadlineHours
      ? note(
          'first load',
          `${first}. A run ends after ${config.runDeadlineHours} hours (runDeadlineHours), so the load goes on over several runs`,
        )
      : ok('first load', first),
    isLong
      ? look('night', eachNight, 'Raise requestsPerMinute if the API allows more, or raise childRereadDays.')
      : ok('night', eachNight),
    ok(
      'cost',
      `${asConfigured}${dollars(dollarsPerMonth)}${basis} a month in us-east-1${least} (npx prospect-lake cost says for what)`,
    ),
    ...(isMeasured
      ? []
      : [
          note(
            'estimate',
            `the requests and the cost are extrapolated, because workspaces of ${small.leads} and ${large.leads} leads were measured`,
          ),
        ]),
  ];
}

/** Hours of the longest nightly run that ends before people begin to work. */
const longestNightHours = 6;
const dollars = (value: number) => (value < 0.01 ? 'less than a cent' : `$${value.toFixed(2)}`);

function duration(hours: number): string {
  if (hours >= 48) return `${(hours / 24).toFixed(1)} days`;
  if (hours >= 1.5) return `${hours.toFixed(1)} hours`;
  return hours * 60 < 1 ? 'less than a minute' : `${Math.round(hours * 60)} min`;
}
