/** Examines the API with a key: network, key, scopes, endpoints, parameters, size. */

import { connectionWords } from '../local/cli/connection-words.ts';
import { type CustomColumns, withCustomColumns } from '../lambdas/contract/custom-columns.ts';
import { streamsIn } from '../lambdas/streams/registry.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { scopesFor } from '../tools/scopes.ts';
import type { Api, Asked } from './api/ask.ts';
import { adviceFor, statusText } from './checks/answer-words.ts';
import { endpointFindings } from './checks/endpoint-findings.ts';
import { type Endpoint, mostRequests, readEndpoints } from './checks/endpoints.ts';
import { checkParameters, parameterRequests } from './checks/filters.ts';
import { checkKey, correctedByAnswers } from './checks/key.ts';
import { type Settings, settingsWithout, withChildren, withSettings } from './checks/lost-tables.ts';
import { countingPages, countLeads, type Estimate, type Leads, sizeFindings } from './checks/size.ts';
import { missingColumns } from './checks/new-fields.ts';
import { type RequestsSeen, requestsSeen, withFindings } from './checks/requests-seen.ts';
import { speedFindings } from './checks/speed.ts';
import { operationsOf } from './contract/operations.ts';
import { type Finding, ok, unusable } from './finding.ts';

export interface Examination {
  readonly findings: readonly Finding[];
  readonly endpoints: readonly Endpoint[];
  /** Settings that leave out what cannot be loaded; undefined if nothing has to be left out. */
  readonly settings?: Settings;
  /** `customColumns` that give a column to each value that has none; undefined if every value has one. */
  readonly customColumns?: CustomColumns;
  readonly leads?: Leads;
  /** With the settings, if there are any. */
  readonly estimate?: Estimate;
  /** With the configuration as it is, if there are settings. */
  readonly estimateAsConfigured?: Estimate;
}

export interface Patient {
  readonly config: WorkspaceConfig;
  readonly baseUrl: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the key comes from, for messages. */
  readonly keyFrom: string;
  /** Number of leads, if the person gave it. */
  readonly leads: number | undefined;
  /** Estimates what a load of this many leads takes. */
  readonly estimate: (config: WorkspaceConfig, leads: number, seen?: RequestsSeen) => Estimate;
}

const operationsFor = ({ streams, customColumns }: WorkspaceConfig) =>
  operationsOf(
    streamsIn(streams === 'all' ? 'all' : streams.join(',')).map((stream) => withCustomColumns(stream, customColumns)),
  );

/** The most requests that {@link examineApi} makes, retries aside. */
export function plannedRequests(config: WorkspaceConfig): number {
  return 1 + mostRequests(operationsFor(config)) + parameterRequests + countingPages;
}

/** @param onAsk is called with each path before it is asked for */
export async function examineApi(patient: Patient, api: Api, onAsk: (path: string) => void): Promise<Examination> {
  const { config, baseUrl } = patient;
  onAsk('/me');
  const whose = await api.ask('/me');
  const reached = reachedFinding(whose, patient);
  if (reached.level === 'unusable') return { findings: [reached], endpoints: [] };
  const needed = scopesFor(config);
  const said = checkKey(whose, needed, patient.keyFrom);
  if (said.findings.some(({ level }) => level === 'unusable'))
    return { findings: [reached, ...said.findings], endpoints: [] };
  const { pageSize } = config;
  const answered = new Map([['/me', whose]]);
  const endpoints = await readEndpoints(operationsFor(config), api, { pageSize, answered }, onAsk);
  const key = correctedByAnswers(said, endpoints);
  const { missingScopes } = key;
  const leadList = endpoints.find(({ operation }) => operation.kind === 'list' && operation.stream.cursor);
  const parameters = leadList?.page
    ? await checkParameters(leadList.operation.stream, leadList.page, pageSize, api)
    : [];
  const leads = await leadsOf(patient, endpoints, api);
  const about = endpointFindings(endpoints, { baseUrl, environment: patient.environment, pageSize, missingScopes });
  const tables = withChildren([...key.findings, ...about], config);
  // With --leads, the estimate is about another workspace than the one that answered.
  const rows = patient.leads === undefined ? requestsSeen(endpoints) : undefined;
  const seen = withFindings(rows, [...tables, ...parameters]);
  const settings = settingsWithout(tables, missingScopes, config);
  // What cannot be loaded must count neither in the requests nor in the dollars.
  const estimated = leads && patient.estimate(withSettings(config, settings), leads.count, seen);
  const configured = leads && settings && patient.estimate(config, leads.count, seen);
  const customColumns = missingColumns(endpoints, config.customColumns);
  return {
    findings: [
      reached,
      ...speedFindings(api.seen, config),
      ...tables,
      ...parameters,
      ...sizeFindings(leads, estimated, config, configured),
    ],
    endpoints,
    ...(settings ? { settings } : {}),
    ...(customColumns ? { customColumns } : {}),
    ...(leads ? { leads } : {}),
    ...(estimated ? { estimate: estimated } : {}),
    ...(configured ? { estimateAsConfigured: configured } : {}),
  };
}

async function leadsOf(
  { leads, config }: Patient,
  endpoints: readonly Endpoint[],
  api: Api,
): Promise<Leads | undefined> {
  if (leads !== undefined) return { count: leads, isExact: true, from: 'as --leads says' };
  return countLeads(endpoints, api, config.pageSize);
}

/** Judges by the first request whether the API can be reached at all. */
function reachedFinding(asked: Asked, { baseUrl, environment }: Patient): Finding {
  const area = 'network';
  if (asked.status === undefined) {
    const { says, todo } = connectionWords(asked.cause, baseUrl, environment);
    return unusable(area, says, todo);
  }
  // 401 and 403 are about the key, so they come from the API, whatever the body.
  if (asked.isGood || asked.status === 401 || asked.status === 403) return ok(area, `${baseUrl} answers`);
  return unusable(area, `${baseUrl}/me answers ${statusText(asked)}.`, adviceFor(asked));
}
