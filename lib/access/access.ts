import type { FunctionName } from '../../lambdas/contract/environment.ts';
import {
  abortedKey,
  announcedKey,
  approvalKey,
  dispatchedKey,
  exportJobKey,
  askedDeliveriesKey,
  exportOwnerKey,
  failedCheckKey,
  forbiddenKey,
  pageKey,
  pageStateKey,
  forgottenKey,
  pipelineStateKey,
  planKey,
  prefixes,
  replayKey,
  reportKey,
  runPrefix,
  toldKey,
  waitingKey,
  watchKey,
} from '../../lambdas/contract/object-keys.ts';
import { webhookEvents } from '../../lambdas/contract/pipeline-tables.ts';
import type { QueueName } from '../../lambdas/contract/queue-names.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';
import {
  raw,
  exportedRaw,
  tableFiles,
  currentFiles,
  extractReceipts,
  runTables,
  convertReceipts,
  rounds,
  landed,
  published,
} from './object-patterns.ts';

/** Permissions of one function, in addition to writing its log and receiving messages from its own queue. */
export interface Access {
  /**
   * Keys of the objects that the function reads. S3 answers 404 for a missing object only to a role that may list the
   * bucket under that key, otherwise 403. So listing is granted too.
   */
  readonly reads: readonly string[];
  /** Keys of the objects that the function writes, with or without a condition. */
  readonly writes: readonly string[];
  /** Keys of the objects that the function deletes. */
  readonly deletes?: readonly string[];
  /** Key prefixes whose objects the function lists. */
  readonly lists?: readonly string[];
  readonly sends: readonly QueueName[];
  /** The function delays the redelivery of a failed message of its own queue. */
  readonly delaysRedelivery?: true;
  readonly readsApiKey?: true;
  readonly readsWebhookSecret?: true;
  readonly writesWebhookSecret?: true;
  readonly readsHashKey?: true;
  readonly emitsEvents?: true;
  /** The function creates the current tables in Glue and points them to new versions. */
  readonly managesTables?: true;
  /** The queues whose number of waiting messages the function reads. */
  readonly readsQueueDepth?: 'all queues' | 'dead letters' | readonly QueueName[];
}

/**
 * Permissions that each function always has, whatever the configuration. Each object key contains `*` in place of an
 * id; in a policy `*` stands for any characters.
 */
export const access: Readonly<Record<FunctionName, Access>> = {
  plan: {
    reads: [pipelineStateKey, planKey('*'), dispatchedKey('*')],
    writes: [pipelineStateKey, planKey('*'), dispatchedKey('*'), abortedKey('*'), waitingKey('*')],
    sends: ['extract', 'publish'],
    readsApiKey: true,
  },
  extract: {
    reads: [
      raw,
      forgottenKey,
      planKey('*'),
      abortedKey('*'),
      forbiddenKey('*', '*'),
      extractReceipts,
      convertReceipts,
      rounds,
    ],
    writes: landed,
    lists: [raw],
    sends: ['extract', 'convert', 'publish'],
    delaysRedelivery: true,
    readsApiKey: true,
    readsQueueDepth: ['refresh'],
  },
  convert: {
    // The receipt of a chunk that is converted again is a part of the task's receipt, or of the round of a small run.
    reads: [raw, convertReceipts, extractReceipts, rounds],
    writes: [`${prefixes.lake}*`, convertReceipts],
    deletes: [`${prefixes.lake}*`],
    sends: ['publish'],
    delaysRedelivery: true,
  },
  publish: {
    reads: [...published, abortedKey('*'), replayKey('*'), approvalKey('*'), extractReceipts, convertReceipts],
    writes: [...published, pageKey, failedCheckKey('*')],
    deletes: [currentFiles],
    lists: [`${runPrefix('*')}*`, currentFiles],
    sends: ['extract', 'publish'],
    delaysRedelivery: true,
    readsQueueDepth: 'dead letters',
    emitsEvents: true,
    managesTables: true,
  },
  webhook: { reads: [], writes: [], sends: ['refresh'], readsWebhookSecret: true },
  // Does all the work of a small run. If it lacks a permission for a rare case, other functions go on with the run.
  refresh: {
    reads: [
      pipelineStateKey,
      toldKey,
      pageStateKey,
      forgottenKey,
      planKey('*'),
      dispatchedKey('*'),
      `${prefixes.lake}*`,
      currentFiles,
    ],
    writes: [
      toldKey,
      forgottenKey,
      pageStateKey,
      pageKey,
      planKey('*'),
      dispatchedKey('*'),
      reportKey('*'),
      rounds,
      announcedKey('*', '*'),
      ...landed,
      currentFiles,
    ],
    lists: [currentFiles],
    sends: ['extract', 'convert', 'publish', 'export'],
    readsApiKey: true,
    readsQueueDepth: ['extract'],
    emitsEvents: true,
    managesTables: true,
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
    readsQueueDepth: 'all queues',
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

/** The functions that write rows of the API, in which personal data may have to be hashed. */
const convertingFunctions: readonly FunctionName[] = ['extract', 'convert', 'refresh'];

/** Additional permissions for loading an export file and asking the API for the leads that the file lacks. */
const loading = {
  reads: [
    forgottenKey,
    planKey('*'),
    reportKey('*'),
    dispatchedKey('*'),
    extractReceipts,
    rounds,
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
  if (convertingFunctions.includes(name) && personalData.hash.length > 0) return { ...own, readsHashKey: true };
  return own;
}
