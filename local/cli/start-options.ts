/** The flags of `npm start`, and the options made from them. */

import { z } from 'zod';
import { apiBaseUrlProblem } from '../../lib/config/api-base-url.ts';
import { requestsPerMinuteBounds } from '../../lib/config/whole-number.ts';
import { withParents } from '../../lambdas/streams/registry.ts';
import { defaultLeads } from '../run/simulator-epochs.ts';
import { leadBounds } from '../simulator/options.ts';
import { programCommand } from './command-names.ts';
import { apiKeyFlag, instant, path, port, streamNames, wholeNumber } from './flag-values.ts';
import { defaultOut } from './out-flag.ts';
import { UsageError } from './usage-error.ts';

const defaultWebhookPort = 8_787;
const basePath = '/api/public/v1';
/** Environment variable of the API key. */
export const keyVariable = 'PROSPECTB2B_API_KEY';

export const startLine = {
  ...programCommand('start'),
  flags: {
    'api-url': {
      value: '<url>',
      help: `base URL, ending in ${basePath}; default: PROSPECTB2B_API_URL; if neither is set, the simulator`,
    },
    'api-key': { value: '<key>', help: 'key of the API; default: PROSPECTB2B_API_KEY, which npm does not print' },
    out: { value: '<dir>', help: `folder of tables and state; default: ${defaultOut}` },
    workspace: { value: '<name>', help: 'workspace of the configuration whose settings are used' },
    streams: { value: '<a,b>', isList: true, help: 'read only these tables and their parents' },
    'full-refresh': { help: 'read everything again' },
    'start-date': { value: '<ISO>', help: 'leave out leads that have not changed since then' },
    report: { value: '<file>', help: 'write the outcome as JSON' },
    'all-tables': { help: 'list every table at the end, not only those with something to tell' },
    leads: {
      value: '<n>',
      help: `size of the simulated workspace; default: the size that the folder has, and ${defaultLeads} in a new one`,
    },
    'custom-fields': {
      help: 'give the leads of the simulated workspace two fields that have no column, to try customColumns',
    },
    'requests-per-minute': {
      value: '<n>',
      help: 'maximum number of requests to the API per minute; default: that of an interrupted run, otherwise requestsPerMinute of the configuration',
    },
    watch: { help: 'keep running after the load and receive webhooks' },
    'webhook-port': {
      value: '<port>',
      help: `port on 127.0.0.1 for the webhooks of --watch; default: ${defaultWebhookPort}`,
    },
  },
  input: z.strictObject({
    apiUrl: z.string().optional(),
    apiKey: apiKeyFlag.optional(),
    out: path('--out').default(defaultOut),
    workspace: z.string().optional(),
    streams: streamNames('--streams')
      .transform((names) => withParents(names).map(({ name }) => name))
      .optional(),
    fullRefresh: z.boolean().default(false),
    startDate: instant('--start-date').optional(),
    report: path('--report').optional(),
    allTables: z.boolean().default(false),
    leads: wholeNumber('--leads', leadBounds).optional(),
    customFields: z.boolean().default(false),
    requestsPerMinute: wholeNumber('--requests-per-minute', requestsPerMinuteBounds).optional(),
    watch: z.boolean().default(false),
    webhookPort: port('--webhook-port').optional(),
  }),
};

type StartInput = z.infer<typeof startLine.input>;

export interface StartOptions extends Omit<StartInput, 'apiUrl' | 'apiKey' | 'webhookPort'> {
  /** The API to read. Its URL ends in `/api/public/v1`. Undefined: the simulator. */
  readonly api: { readonly url: string; readonly key: string; readonly keyFrom: string } | undefined;
  /** Port on 127.0.0.1 for webhooks. 0: any free port. */
  readonly webhookPort: number;
}

/**
 * Makes the options from the flags and the environment.
 * @throws UsageError that says in one line what is wrong
 */
export function startOptions(input: StartInput, environment: NodeJS.ProcessEnv): StartOptions {
  const { apiUrl, apiKey, webhookPort, ...others } = input;
  if (others.startDate !== undefined && Date.parse(others.startDate) > Date.now())
    throw new UsageError(`--start-date ${others.startDate} is in the future.`);
  const api = apiOf(
    apiUrl ?? environment['PROSPECTB2B_API_URL'],
    apiKey ?? (environment[keyVariable] || undefined),
    keyPlace(apiKey),
  );
  if (api && others.leads !== undefined)
    throw new UsageError(
      `--leads is the size of a simulated workspace, but ${api.url} is to be read. Leave out --leads; --streams or --start-date make a load smaller.`,
    );
  if (api && others.customFields)
    throw new UsageError(`--custom-fields changes a simulated workspace, but ${api.url} is to be read. Leave it out.`);
  if (webhookPort !== undefined && !others.watch)
    throw new UsageError('--webhook-port is the port of a run with --watch. Add --watch, or leave out --webhook-port.');
  return {
    ...others,
    api,
    // Only a run with `--watch` needs a fixed port, because other programs send webhooks to it.
    webhookPort: webhookPort ?? (others.watch ? defaultWebhookPort : 0),
  };
}

/**
 * Names the place that a key comes from. Messages name it instead of the key.
 * @param flag value of `--api-key`
 */
export function keyPlace(flag: string | undefined): string {
  return flag === undefined ? keyVariable : '--api-key';
}

function apiOf(url: string | undefined, key: string | undefined, keyFrom: string): StartOptions['api'] {
  if (url !== undefined && !key) throw new UsageError('No API key: give one with --api-key or in PROSPECTB2B_API_KEY.');
  if (url === undefined && key !== undefined)
    throw new UsageError(
      'There is an API key but no address. Give the address with --api-url or in PROSPECTB2B_API_URL (the vendor’s is https://login.prospectb2b.com/api/public/v1), or leave out the key to use the simulator.',
    );
  return url !== undefined && key ? { url: parseBaseUrl(url), key: parseKey(key), keyFrom } : undefined;
}

/** @throws UsageError if this is not the address of an API, with or without a slash at its end */
export function parseBaseUrl(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!url.success)
    throw new UsageError(
      `'${text}' is not an address: --api-url wants one such as https://login.prospectb2b.com${basePath}.`,
    );
  const trimmed = text.replace(/\/+$/, '');
  const problem = apiBaseUrlProblem(trimmed);
  if (problem !== undefined) throw new UsageError(`The address '${text}' ${problem}.`);
  return trimmed;
}

/** Checks that the key can be sent in a header. A line break copied from a file would make every request fail. */
export function parseKey(text: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError(
    'The API key contains a space, a line break or another character that no key has. Copy it again.',
  );
}
