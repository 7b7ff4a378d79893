/** Runs the doctor against a foreign server. Closes what it opened after each test. */

import { afterEach } from 'vitest';
import { z } from 'zod';
import { createApi } from '../../doctor/api/ask.ts';
import { examineApi, type Patient } from '../../doctor/examine-api.ts';
import type { Finding } from '../../doctor/finding.ts';
import { requestsFor } from '../../doctor/checks/size.ts';
import { doctor } from '../../doctor/main.ts';
import { type StreamName, streams } from '../../lambdas/streams/registry.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import type { WorkspaceInput } from '../../lib/config/workspace-input.ts';
import { commandStatus } from '../../local/cli/run-command.ts';
import { runHere } from '../support/start-process.ts';
import { type ForeignApi, type ForeignOptions, startForeignApi } from './foreign-api.ts';
import { allScopes } from './foreign-rows.ts';

export const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

export async function foreign(options: ForeignOptions = {}): Promise<ForeignApi> {
  const api = await startForeignApi(options);
  open.push(() => api.close());
  return api;
}

const fast = ['--requests-per-minute', '60000'];
export const noAws = { AWS_EC2_METADATA_DISABLED: 'true' };
export const run = (api: { url: string; key: string }, ...args: string[]) =>
  runHere({ environment: { PROSPECTB2B_API_URL: api.url, PROSPECTB2B_API_KEY: api.key, ...noAws } }, () =>
    commandStatus(doctor, [...fast, ...args]),
  );

export const noLoad = { requests: 0, hours: 0 };
type Examined = Omit<Partial<WorkspaceInput>, 'streams'> & {
  streams?: readonly string[];
  mostRequests?: number;
  dollars?: (config: WorkspaceConfig) => number;
};
/** Examines the API as the command does, but without the estimate, which needs the app's templates. */
export async function examine(
  { url: baseUrl, key }: { url: string; key: string },
  { mostRequests = 100, dollars = () => 0, streams: chosen, ...settings }: Examined = {},
) {
  const requestsPerMinute = 60_000;
  const api = createApi({ baseUrl, key, requestsPerMinute, mostRequests });
  // The foreign server lacks streams that are newer than the page from which it was written.
  const known = streams.filter(({ scope }) => allScopes.includes(scope)).map(({ name }) => name);
  const names = z.array(z.custom<StreamName>()).parse(chosen ?? known);
  const config = parseWorkspace({ name: 'main', requestsPerMinute, streams: names, ...settings });
  const estimate: Patient['estimate'] = (of, leads, seen) => {
    const requests = requestsFor('firstLoad', leads, of, seen);
    const night = { requests: requestsFor('night', leads, of, seen), hours: 0 };
    return { leads, firstLoad: { requests, hours: 0, dollars: 0 }, night, dollarsPerMonth: dollars(of) };
  };
  return examineApi(
    { config, baseUrl, environment: {}, keyFrom: 'PROSPECTB2B_API_KEY', leads: undefined, estimate },
    api,
    () => {},
  );
}

export const problems = ({ findings }: { findings: readonly Pick<Finding, 'area' | 'level' | 'says'>[] }) =>
  findings.flatMap(({ area, level, says }) => (level === 'look' || level === 'unusable' ? [`${area}: ${says}`] : []));
const answer = z.object({
  verdict: z.string(),
  findings: z.array(
    z.object({ area: z.string(), level: z.enum(['ok', 'look', 'unusable', 'skipped']), says: z.string() }),
  ),
});
export const parsed = ({ stdout }: { stdout: string }) => answer.parse(JSON.parse(stdout));
