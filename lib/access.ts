import type { FunctionName } from '../lambdas/contract/environment.ts';
import {
  abortedKey,
  announcedKey,
  chunkPrefix,
  convertReceiptsPrefix,
  dispatchedKey,
  extractReceiptsPrefix,
  pipelineStateKey,
  planKey,
  prefixes,
  reportKey,
  runTableKey,
  seenKey,
} from '../lambdas/contract/object-keys.ts';

export type QueueName = 'extract' | 'convert' | 'publish';

/** What one function may do, besides writing its log and taking messages of its own queue. */
export interface Access {
  /** Objects that it reads. It is told of those that are not there, which S3 grants with the right to list them. */
  readonly reads: readonly string[];
  /** Objects that it writes, also under a condition. */
  readonly writes: readonly string[];
  /** Prefixes that it lists. */
  readonly lists?: readonly string[];
  readonly sends: readonly QueueName[];
  readonly readsApiKey?: true;
  readonly emitsEvents?: true;
}

const raw = `${chunkPrefix('*', '*', '*')}*`;
const extractReceipts = `${extractReceiptsPrefix('*')}*`;
const convertReceipts = `${convertReceiptsPrefix('*')}*`;

/**
 * Who may do what, in one place. The keys are those of the contract with `*` for each id, which in a
 * policy stands for any characters.
 */
export const access: Readonly<Record<FunctionName, Access>> = {
  plan: {
    reads: [pipelineStateKey, planKey('*'), dispatchedKey('*')],
    writes: [pipelineStateKey, planKey('*'), dispatchedKey('*'), abortedKey('*')],
    sends: ['extract', 'publish'],
    readsApiKey: true,
  },
  extract: {
    reads: [raw, planKey('*'), abortedKey('*'), extractReceipts, seenKey('*', '*')],
    writes: [raw, abortedKey('*'), extractReceipts, seenKey('*', '*')],
    lists: [raw],
    sends: ['extract', 'convert'],
    readsApiKey: true,
  },
  convert: {
    reads: [raw, convertReceipts],
    writes: [`${prefixes.lake}*`, convertReceipts],
    sends: [],
  },
  publish: {
    reads: [
      pipelineStateKey,
      planKey('*'),
      abortedKey('*'),
      reportKey('*'),
      announcedKey('*', '*'),
      extractReceipts,
      convertReceipts,
    ],
    writes: [pipelineStateKey, reportKey('*'), announcedKey('*', '*'), runTableKey('*', '*')],
    lists: [extractReceipts, convertReceipts],
    sends: ['publish'],
    emitsEvents: true,
  },
};
