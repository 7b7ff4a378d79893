/** `prospect-lake doctor`: whether a workspace can be loaded with this key, and deployed to this account. */

import { counted, number } from '../lambdas/core/runs/counted.ts';
import { z } from 'zod';
import { access, constants } from 'node:fs/promises';
import { requestsPerMinuteBounds } from '../lib/config/whole-number.ts';
import { chosenConfig } from '../local/cli/chosen-workspace.ts';
import { noteIfDefault } from '../local/cli/configured-workspaces.ts';
import { programCommand, typed } from '../local/cli/command-names.ts';
import { apiKeyFlag, wholeNumber } from '../local/cli/flag-values.ts';
import { printableLines } from '../local/cli/printable.ts';
import { createProgressDisplay } from '../local/cli/progress-display.ts';
import { command } from '../local/cli/run-command.ts';
import { keyPlace, keyVariable, parseBaseUrl, parseKey } from '../local/cli/start-options.ts';
import { terminalOf } from '../local/cli/terminal.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { createApi } from './api/ask.ts';
import { createAwsCloud } from './aws/cloud.ts';
import { examineAws } from './aws/examine-aws.ts';
import { type Examination, examineApi, plannedRequests } from './examine-api.ts';
import { estimate } from './checks/size.ts';
import { exitStatus, type Finding, look, skipped } from './finding.ts';
import { dataOf, linesOf } from './report.ts';

const input = z.strictObject({
  apiUrl: z.string().optional(),
  apiKey: apiKeyFlag.optional(),
  workspace: z.string().optional(),
  leads: wholeNumber('--leads', { least: 1, most: 10_000_000 }).optional(),
  requests: wholeNumber('--requests', { least: 1, most: 10_000 }).optional(),
  requestsPerMinute: wholeNumber('--requests-per-minute', requestsPerMinuteBounds).optional(),
  json: z.boolean().default(false),
});

export const doctor = command({
  ...programCommand('doctor'),
  examples: [`PROSPECTB2B_API_KEY=… ${typed('doctor')}`],
  flags: {
    'api-url': { value: '<url>', help: 'base URL; default: PROSPECTB2B_API_URL, or apiBaseUrl of the configuration' },
    'api-key': { value: '<key>', help: 'key of the API; default: PROSPECTB2B_API_KEY' },
    workspace: { value: '<name>', help: 'workspace of the configuration, if it has several' },
    leads: {
      value: '<n>',
      help: 'number of leads, for the estimate; default: they are counted if few requests suffice',
    },
    requests: { value: '<n>', help: 'most requests to the API; default: what one page of every endpoint takes' },
    'requests-per-minute': { value: '<n>', help: 'most requests a minute; default: as configured' },
    json: { help: 'answer in JSON' },
  },
  input,
  run: async (flags) => diagnose(flags, keyPlace(flags.apiKey)),
});

/**
 * @param keyFrom where the key comes from, for messages
 * @returns the exit status
 */
export async function diagnose(flags: z.infer<typeof input>, keyFrom: string): Promise<number> {
  const configured = await chosenConfig(flags.workspace);
  noteIfDefault([configured]);
  const config = { ...configured, requestsPerMinute: flags.requestsPerMinute ?? configured.requestsPerMinute };
  const { env } = process;
  const baseUrl = parseBaseUrl(flags.apiUrl ?? env['PROSPECTB2B_API_URL'] ?? config.apiBaseUrl);
  const key = flags.apiKey ?? env[keyVariable];
  const progress = createProgressDisplay(process.stderr);
  const mostRequests = flags.requests ?? plannedRequests(config);
  const { requestsPerMinute } = config;
  const api = createApi({
    baseUrl,
    key: key ? parseKey(key) : '',
    requestsPerMinute,
    mostRequests,
    onWait: (seconds) => progress.note(`The API asks to wait: ${seconds} s.`),
    onTimeout: (path, seconds) => progress.note(`${path} was not answered within ${seconds} s. It is asked again.`),
  });
  if (key)
    progress.note(
      `Workspace '${config.name}' at ${baseUrl}: at most ${counted(mostRequests, 'request')}, ${number(requestsPerMinute)} a minute.`,
    );
  const examined: Examination = key
    ? await examineApi({ config, baseUrl, environment: env, keyFrom, leads: flags.leads, estimate }, api, (path) =>
        progress.show(`${api.seen.requests} of at most ${mostRequests} requests: ${path}`),
      )
    : { findings: [skipped('api', 'no key. Give one in PROSPECTB2B_API_KEY.')], endpoints: [] };
  const aws = await examineAws(config, () => createAwsCloud(config.region));
  progress.end();
  const findings = [...(await certificateFindings(env)), ...examined.findings, ...aws];
  if (findings.every(({ level }) => level === 'skipped'))
    throw new UsageError(
      `There is nothing to examine. ${findings.map(({ area, says }) => `${area}: ${says}`).join(' ')}`,
    );
  const diagnosis = { workspace: config.name, baseUrl, requests: api.seen.requests, ...examined, findings };
  const text = flags.json
    ? JSON.stringify(dataOf(diagnosis))
    : linesOf(diagnosis, terminalOf(process.stdout)).join('\n');
  process.stdout.write(`${printableLines(text)}\n`);
  return exitStatus(findings);
}

/** Checks the file of NODE_EXTRA_CA_CERTS. If Node cannot read it, Node only warns, and trusts no certificate in it. */
async function certificateFindings(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const file = environment['NODE_EXTRA_CA_CERTS'];
  if (!file) return [];
  return access(file, constants.R_OK).then(
    () => [],
    () => [
      look(
        'network',
        'The file that NODE_EXTRA_CA_CERTS names cannot be read, so its CA is not trusted.',
        'Correct the path, and allow this user to read the file.',
      ),
    ],
  );
}
