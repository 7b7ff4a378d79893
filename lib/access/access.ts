import type { FunctionName } from '../../lambdas/contract/environment.ts';
import {
  abortedKey,
  announcedKey,
  approvalKey,
  chunkPrefix,
  convertReceiptsPrefix,
  dispatchedKey,
  exportJobKey,
  askedDeliveriesKey,
  exportOwnerKey,
  extractReceiptsPrefix,
  forbiddenKey,
  pipelineStateKey,
  planKey,
  prefixes,
  progressKey,
  replayKey,
  reportKey,
  roundSentKey,
  roundsPrefix,
  runTablePrefix,
  toldKey,
  waitingKey,
  watchKey,
} from '../../lambdas/contract/object-keys.ts';
import { webhookEvents } from '../../lambdas/contract/pipeline-tables.ts';
import type { QueueName } from '../../lambdas/contract/queue-names.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';

/** Permissions of one function, in addition to writing its log and receiving messages from its own queue. */
export interface Access {
  /**
   * Objects that it reads. S3 reports a missing object as missing only to a role that may list it, so that is granted
   * too.
   */
  readonly reads: readonly string[];
  /** Objects that it writes, with or without a condition. */
  readonly writes: readonly string[];
  /** Objects that it deletes. */
  readonly deletes?: readonly string[];
  /** Key prefixes whose objects the function lists. */
  readonly lists?: readonly string[];
  readonly sends: readonly QueueName[];
  /** Delays the redelivery of a failed message of its own queue. */
  readonly delaysRedelivery?: true;
  readonly readsApiKey?: true;
  readonly readsWebhookSecret?: true;
  readonly writesWebhookSecret?: true;
  readonly readsHashKey?: true;
  readonly emitsEvents?: true;
  /** Creates the current tables in Glue and points them to new versions. */
  readonly managesTables?: true;
  /** Reads the number of waiting messages of each queue and dead-letter queue. */
  readonly readsQueueDepth?: true;
}

const raw = `${chunkPrefix('*', '*', '*')}*`;
const exportedRaw = `${chunkPrefix(leadExports.name, '*', '*')}*`;
const tableFiles = (table: string) => `${prefixes.lake}${table}/*`;
const currentFiles = `${prefixes.current}*`;
const extractReceipts = `${extractReceiptsPrefix('*')}*`;
/** Keys of the rows of nightly runs. */
const runTables = runTablePrefix('*').replace(/\/$/, '/nightly-*');
const convertReceipts = `${convertReceiptsPrefix('*')}*`;
const rounds = `${roundsPrefix('*')}*`;
const sentRounds = roundSentKey('*', 0).replace(/0+$/, '*');

/**
 * Permissions of all functions, independent of the configuration. The keys are those of the contract, with `*` for each
 * id; in a policy `*` stands for any characters.
 */
export const access: Readonly<Record<FunctionName, Access>> = {
  plan: {
    reads: [pipelineStateKey, planKey('*'), dispatchedKey('*')],
    writes: [pipelineStateKey, planKey('*'), dispatchedKey('*'), abortedKey('*')],
    sends: ['extract', 'publish'],
    readsApiKey: true,
  },
  extract: {
    reads: [raw, planKey('*'), abortedKey('*'), forbiddenKey('*', '*'), extractReceipts, convertReceipts],
    writes: [
      raw,
      abortedKey('*'),
      forbiddenKey('*', '*'),
      waitingKey('*'),
      extractReceipts,
      convertReceipts,
      `${prefixes.lake}*`,
    ],
    lists: [raw],
    sends: ['extract', 'convert', 'publish'],
    delaysRedelivery: true,
    readsApiKey: true,
  },
  convert: {
    reads: [raw, convertReceipts],
    writes: [`${prefixes.lake}*`, convertReceipts],
    deletes: [`${prefixes.lake}*`],
    sends: ['publish'],
    delaysRedelivery: true,
  },
  publish: {
    reads: [
      pipelineStateKey,
      toldKey,
      planKey('*'),
      abortedKey('*'),
      dispatchedKey('*'),
      replayKey('*'),
      reportKey('*'),
      approvalKey('*'),
      progressKey('*'),
      rounds,
      sentRounds,
      announcedKey('*', '*'),
      extractReceipts,
      convertReceipts,
      `${prefixes.lake}*`,
      currentFiles,
    ],
    writes: [
      pipelineStateKey,
      toldKey,
      planKey('*'),
      dispatchedKey('*'),
      reportKey('*'),
      progressKey('*'),
      rounds,
      sentRounds,
      announcedKey('*', '*'),
      `${prefixes.lake}*`,
      currentFiles,
    ],
    deletes: [currentFiles],
    lists: [extractReceipts, convertReceipts, rounds, currentFiles],
    sends: ['extract', 'publish'],
    delaysRedelivery: true,
    emitsEvents: true,
    managesTables: true,
  },
  webhook: { reads: [], writes: [], sends: ['refresh'], readsWebhookSecret: true },
  refresh: {
    reads: [pipelineStateKey, planKey('*'), dispatchedKey('*')],
    writes: [planKey('*'), dispatchedKey('*'), tableFiles(webhookEvents.name)],
    sends: ['extract', 'publish', 'export'],
  },
  export: {
    reads: [exportJobKey('*'), exportOwnerKey('*')],
    writes: [exportJobKey('*'), exportOwnerKey('*')],
    sends: ['export'],
    delaysRedelivery: true,
    readsApiKey: true,
    emitsEvents: true,
  },
  register: {
    reads: [],
    writes: [],
    sends: [],
    readsApiKey: true,
    readsWebhookSecret: true,
    writesWebhookSecret: true,
  },
  watch: {
    reads: [watchKey],
    writes: [watchKey],
    lists: [runTables],
    sends: [],
    readsQueueDepth: true,
    emitsEvents: true,
  },
  reconcile: {
    reads: [tableFiles(webhookEvents.name), askedDeliveriesKey],
    writes: [askedDeliveriesKey],
    lists: [tableFiles(webhookEvents.name)],
    sends: [],
    emitsEvents: true,
    readsApiKey: true,
    readsWebhookSecret: true,
  },
};

/** Additional permissions for loading an export file and asking for the leads that it lacks. */
const loading = {
  reads: [
    planKey('*'),
    reportKey('*'),
    dispatchedKey('*'),
    extractReceipts,
    exportedRaw,
    tableFiles(leadExports.name),
    `${prefixes.current}${leads.name}/*`,
  ],
  writes: [planKey('*'), dispatchedKey('*'), approvalKey('*'), extractReceipts, exportedRaw],
  lists: [exportedRaw, tableFiles(leadExports.name), `${prefixes.current}${leads.name}/*`],
  sends: ['convert', 'extract', 'publish'],
} as const satisfies Partial<Access>;

/** Permissions of a function in this workspace: those it always has, plus those that the configuration requires. */
export function accessOf(name: FunctionName, { exports, personalData }: WorkspaceConfig): Access {
  const own = access[name];
  if (name === 'export' && exports.source) {
    const { reads, writes, lists, sends } = loading;
    return {
      ...own,
      reads: [...own.reads, ...reads],
      writes: [...own.writes, ...writes],
      lists,
      sends: [...own.sends, ...sends],
    };
  }
  if ((name === 'convert' || name === 'extract') && personalData.hash.length > 0) return { ...own, readsHashKey: true };
  return own;
}
