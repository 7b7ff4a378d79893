import type { FunctionName } from '../../lambdas/contract/environment.ts';
import type { Step, Verdict } from './crash-invocation.ts';
import { type TrialResult, tryApproval, tryFirstLoad, tryNights } from './crash-trial.ts';
import { tryEvents, tryExport, tryRegistration } from './event-trial.ts';

/** A task of the pipeline whose steps can be disturbed. */
export interface Workload {
  readonly name: string;
  readonly play: (onStep: (step: Step) => Verdict) => Promise<TrialResult>;
}

const pageByPage = { pageSize: 2, remaining: (name: FunctionName) => (name === 'extract' ? 1_000 : 300_000) };
const small = { streams: ['lead_messages'] };
const withDeletions = { streams: ['lead_messages', 'campaign_run_events', 'referrals'], deletions: true };

export const workloads: readonly Workload[] = [
  { name: 'two nights of many streams', play: (onStep) => tryNights({ onStep }) },
  { name: 'a night in which rows of each kind are lost', play: (onStep) => tryNights({ ...withDeletions, onStep }) },
  {
    name: 'two nights, a page a message',
    play: (onStep) => tryNights({ ...small, ...pageByPage, onStep }),
  },
  {
    name: 'four nights, whose snapshots end after a day',
    play: (onStep) => tryNights({ ...small, nights: 4, snapshotDays: 1, onStep }),
  },
  {
    name: 'a night beside a backfill and a refresh',
    play: (onStep) => tryNights({ ...small, deletions: true, backfill: true, refresh: true, pings: true, onStep }),
  },
  { name: 'a first load of several nights', play: (onStep) => tryFirstLoad({ onStep }) },
  { name: 'deletions that wait for an approval', play: (onStep) => tryApproval({ onStep }) },
  { name: 'webhook events and their refreshes', play: (onStep) => tryEvents({ onStep }) },
  { name: 'an export, its event late', play: (onStep) => tryExport({ eventComes: 'late', onStep }) },
  { name: 'an export, its event at once', play: (onStep) => tryExport({ eventComes: 'at once', onStep }) },
  { name: 'a registration, a rotation and a deletion', play: (onStep) => tryRegistration({ onStep }) },
];
