import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { currentAssembly } from '../../local/run/assembly.ts';
import { type Cloud, startCloud } from '../../local/cloud/cloud.ts';
import { type FaultProxy, startFaultProxy } from '../../local/faults/fault-proxy.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { localEnvironment, runPipeline } from '../../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { inProcess } from './in-process.ts';

/** Delays of messages pass this many times faster than in the cloud. */
const timeScale = 20;

export interface HostileWorld {
  readonly simulator: Simulator;
  readonly proxy: FaultProxy;
  readonly out: string;
  /** One nightly run through the proxy, on top of what earlier runs left. */
  run(streams?: readonly string[], onStart?: (cloud: Cloud) => void): Promise<RunReport>;
  end(): Promise<void>;
}

/** A small simulated workspace behind a proxy, and an empty output folder. */
export async function hostileWorld(leads = 60): Promise<HostileWorld> {
  const out = await mkdtemp(join(tmpdir(), 'hostile-api-'));
  const simulator = await startSimulator({ leads, pageSize: 25 });
  const proxy = await startFaultProxy(simulator.baseUrl);
  return {
    simulator,
    proxy,
    out,
    async run(streams, onStart) {
      const cloud = await startCloud({
        assembly: await currentAssembly(),
        out,
        timeScale,
        startInstance: inProcess,
        environment: {
          ...localEnvironment({
            apiUrl: proxy.baseUrl,
            streams,
            startDate: undefined,
            requestsPerMinute: 1_000_000,
            timeScale,
          }),
          PAGE_SIZE: '25',
        },
        secrets: { apiKey: simulator.apiKey },
      });
      onStart?.(cloud);
      try {
        const quiet = { display: noProgress, onResume() {} };
        return (await runPipeline(cloud, { out, now: new Date(), fullRefresh: false, ...quiet })).report;
      } finally {
        await cloud.stop();
      }
    },
    async end() {
      await proxy.stop();
      await simulator.stop();
      await rm(out, { recursive: true, force: true });
    },
  };
}
