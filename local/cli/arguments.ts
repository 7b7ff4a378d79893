import { parseArgs } from 'node:util';
import { z } from 'zod';
import { streams, withParents } from '../../lambdas/streams/registry.ts';
import { portNumber, wholeNumber } from './flag-values.ts';
import { leadBounds } from '../simulator/simulator.ts';
import { defaultOut } from './suggested-command.ts';
import { UsageError } from './usage-error.ts';

/** What `npm start` was asked to do. */
export interface StartOptions {
  /** Undefined: the simulator. The address ends in `/api/public/v1`. */
  readonly api: { readonly url: string; readonly key: string } | undefined;
  readonly out: string;
  /** Name of the workspace in the configuration; undefined where the person named none. */
  readonly workspace: string | undefined;
  /** Stream names with their parents, or undefined for those of the configuration. */
  readonly streams: readonly string[] | undefined;
  readonly fullRefresh: boolean;
  /** ISO time in UTC. */
  readonly startDate: string | undefined;
  readonly report: string | undefined;
  /** Size of the simulator's workspace. */
  readonly leads: number;
  readonly requestsPerMinute: number | undefined;
  /** Goes on after the first load and takes webhooks. */
  readonly watch: boolean;
  /** Port of 127.0.0.1 for webhooks; 0: any that is free. */
  readonly webhookPort: number;
}

export const usage = `npm start -- [--api-url <url>] [--api-key <key>] [--out <dir>] [--workspace <name>]
             [--streams <a,b>] [--full-refresh] [--start-date <ISO>] [--report <file>] [--leads <n>] [--requests-per-minute <n>]
             [--watch [--webhook-port <port>]]`;

const defaultLeads = 2_000;
const mostRequestsPerMinute = 100_000_000;
const defaultWebhookPort = 8_787;
const basePath = '/api/public/v1';

const flags = {
  'api-url': { type: 'string' },
  'api-key': { type: 'string' },
  out: { type: 'string', default: defaultOut },
  workspace: { type: 'string' },
  streams: { type: 'string' },
  'full-refresh': { type: 'boolean', default: false },
  'start-date': { type: 'string' },
  report: { type: 'string' },
  leads: { type: 'string' },
  'requests-per-minute': { type: 'string' },
  watch: { type: 'boolean', default: false },
  'webhook-port': { type: 'string' },
} as const;

/**
 * @throws UsageError with one line about what is wrong
 * @throws TypeError of `parseArgs`, which `runCommand` makes one line
 */
export function parseStartArguments(args: readonly string[], environment: NodeJS.ProcessEnv): StartOptions {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false });
  const apiUrl = values['api-url'] ?? environment['PROSPECTB2B_API_URL'];
  const apiKey = values['api-key'] ?? environment['PROSPECTB2B_API_KEY'];
  if (apiUrl !== undefined && !apiKey) {
    throw new UsageError('No API key: give one with --api-key or in PROSPECTB2B_API_KEY.');
  }
  if (apiUrl === undefined && apiKey !== undefined) {
    throw new UsageError(
      'An API key but no address: give one with --api-url or in PROSPECTB2B_API_URL (the vendor’s is https://login.prospectb2b.com/api/public/v1), or leave both out to use the simulator.',
    );
  }
  if (values.report === '' || values.out === '') throw new UsageError('--out and --report want a path.');
  return {
    api: apiUrl !== undefined && apiKey ? { url: parseBaseUrl(apiUrl), key: parseKey(apiKey) } : undefined,
    out: values.out,
    workspace: values.workspace,
    streams: values.streams === undefined ? undefined : parseStreams(values.streams),
    fullRefresh: values['full-refresh'],
    startDate: values['start-date'] === undefined ? undefined : parseDate(values['start-date']),
    report: values.report,
    leads: wholeNumber('--leads', values.leads, leadBounds) ?? defaultLeads,
    requestsPerMinute: wholeNumber('--requests-per-minute', values['requests-per-minute'], {
      least: 1,
      most: mostRequestsPerMinute,
    }),
    watch: values.watch,
    // Only a run that watches has an address that others must know.
    webhookPort: portNumber('--webhook-port', values['webhook-port']) ?? (values.watch ? defaultWebhookPort : 0),
  };
}

function parseBaseUrl(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!url.success)
    throw new UsageError(
      `'${text}' is not an address: --api-url wants one such as https://login.prospectb2b.com${basePath}.`,
    );
  const trimmed = text.replace(/\/+$/, '');
  if (!trimmed.endsWith(basePath))
    throw new UsageError(`The address '${text}' does not end in ${basePath}, as the API's base URL does.`);
  return trimmed;
}

/** As a header carries it; a line break from a file would make every request fail. */
function parseKey(text: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError('The API key holds a space, a line break or another character that no key has. Copy it anew.');
}

function parseStreams(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const known = new Set(streams.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (names.length === 0 || unknown.length > 0) {
    const what = names.length === 0 ? 'no stream is named' : `there is no stream '${unknown.join("', '")}'`;
    throw new UsageError(`--streams: ${what}. The streams are: ${[...known].join(', ')}.`);
  }
  return withParents(names).map(({ name }) => name);
}

function parseDate(text: string): string {
  const isDate = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text);
  const date = new Date(text);
  if (!isDate.success || Number.isNaN(date.getTime())) {
    throw new UsageError(
      `'${text}' is not a date: --start-date wants ISO 8601, such as 2026-01-31 or 2026-01-31T00:00:00Z.`,
    );
  }
  if (date.getTime() > Date.now())
    throw new UsageError(`--start-date ${text} lies in the future: no lead changed since.`);
  return date.toISOString();
}
