import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { openTarget, type Target } from '../../ops/target.ts';
import { EventWorld } from './event-world.ts';
import { stubSdk } from './stub-sdk.ts';

/** Data of a person. It must not appear in anything that leaves the lake. */
export const planted = {
  full_name: 'Planted Person',
  email: 'planted.person@example.com',
  phone: '+41 79 555 01 23',
} as const;

/** A deployment that was loaded once, as the commands of `npx prospect-lake ops` see it. */
export interface OpsWorld {
  readonly simulator: Simulator;
  readonly world: EventWorld;
  readonly target: Target;
  /** Report of the first load. */
  readonly report: RunReport;
  /** Folder for files that a command writes. */
  readonly folder: string;
  end(): Promise<void>;
}

export async function startOpsWorld(streams: readonly string[]): Promise<OpsWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'ops-'));
  const simulator = await startSimulator({ leads: 5 });
  const leadId = String([...simulator.expectedRows('leads')][0]?.['id']);
  simulator.updateLead(leadId, { ...planted, updated_at: '2026-06-01T00:00:00.000Z' });
  simulator.create('support_tickets', { id: '', subject: `Words of ${planted.full_name}` });
  const world = await EventWorld.start(simulator, { streams, timeScale: 50, releaseSeconds: 1 });
  stubSdk(world.cloud.endpoint);
  const api = { baseUrl: simulator.baseUrl, requestsPerMinute: 1_000_000 };
  const target = await openTarget('main', { settle: () => world.cloud.idle(), api, publishCheckSeconds: 1 });
  const report = await world.load();
  const end = async () => {
    vi.unstubAllEnvs();
    await world.end();
    await simulator.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { simulator, world, target, report, folder, end };
}
