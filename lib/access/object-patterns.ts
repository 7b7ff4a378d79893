/** Keys of objects as policies name them, with `*` in place of an id, and groups of them that several functions need. */

import {
  abortedKey,
  announcedChangesKey,
  announcedKey,
  chunkPrefix,
  convertReceiptsPrefix,
  dispatchedKey,
  extractReceiptsPrefix,
  fieldStateKey,
  forbiddenKey,
  forgottenKey,
  pageStateKey,
  pipelineStateKey,
  planKey,
  prefixes,
  progressKey,
  reportKey,
  roundSentKey,
  roundsPrefix,
  runTablePrefix,
  toldKey,
  waitingKey,
} from '../../lambdas/contract/object-keys.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';

export const raw = `${chunkPrefix('*', '*', '*')}*`;
export const exportedRaw = `${chunkPrefix(leadExports.name, '*', '*')}*`;
export const tableFiles = (table: string) => `${prefixes.lake}${table}/*`;
export const currentFiles = `${prefixes.current}*`;
export const extractReceipts = `${extractReceiptsPrefix('*')}*`;
/** Files of `pipeline_runs` (a row for each table of each run) that nightly runs wrote. */
export const runTables = runTablePrefix('*').replace(/\/$/, '/nightly-*');
export const convertReceipts = `${convertReceiptsPrefix('*')}*`;
export const rounds = `${roundsPrefix('*')}*`;
const sentRounds = roundSentKey('*', 0).replace(/0+$/, '*');

/** What extract writes. */
export const landed = [
  raw,
  abortedKey('*'),
  forbiddenKey('*', '*'),
  waitingKey('*'),
  extractReceipts,
  convertReceipts,
  `${prefixes.lake}*`,
];

/** What publish reads and writes. */
export const published = [
  pipelineStateKey,
  forgottenKey,
  fieldStateKey,
  toldKey,
  pageStateKey,
  planKey('*'),
  dispatchedKey('*'),
  reportKey('*'),
  progressKey('*'),
  rounds,
  sentRounds,
  announcedKey('*', '*'),
  announcedChangesKey('*'),
  `${prefixes.lake}*`,
  currentFiles,
];
