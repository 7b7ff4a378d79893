import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { webhookEvents } from '../lambdas/contract/webhook.ts';
import { currentAssembly } from '../local/run/assembly.ts';
import { type Cloud, startCloud } from '../local/cloud/cloud.ts';
import { localEnvironment } from '../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../local/simulator/simulator.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import type { Durations, Measurement, Phase, PhaseName } from './measurement.ts';
import { PhaseCounter } from './phase-counter.ts';
import { requestsPerInvocation } from './workload.ts';

/** Waits between messages pass so much faster. */
const timeScale = 1_000;
const patienceMilliseconds = 3_600_000;
const day = 86_400_000;
const webhookRepeats = 5;

export interface Measured {
  readonly measurement: Measurement;
  readonly durations: Durations;
}

/**
 * Runs a first load, a night after it, webhooks, an export and a reconciliation on the embedded cloud, and
 * counts what the functions do. One process a function, and publish looks at a run when it is over, so that
 * the counts hardly differ from one time to the next; what more looks cost is reckoned from that one.
 */
export async function measure(leads: number): Promise<Measured> {
  const out = await mkdtemp(join(tmpdir(), 'cost-'));
  const start = Date.now();
  const simulator = await startSimulator({ leads, epochs: [new Date(start - 2 * day)], exportPolls: 1 });
  const proxy = await startCuttingProxy(simulator.baseUrl, requestsPerInvocation);
  const counter = new PhaseCounter({ out, apiRequests: () => proxy.passed });
  let cloud: Cloud | undefined;
  try {
    cloud = await startCloud({
      assembly: await currentAssembly(),
      out,
      timeScale,
      environment: {
        ...localEnvironment({
          apiUrl: simulator.baseUrl,
          streams: undefined,
          startDate: undefined,
          requestsPerMinute: 10_000_000,
        }),
        API_BASE_URL: ({ functionName }) => (functionName === 'extract' ? proxy.baseUrl : simulator.baseUrl),
      },
      secrets: { apiKey: simulator.apiKey },
      concurrency: Object.fromEntries(
        ['plan', 'extract', 'convert', 'publish', 'webhook', 'refresh', 'export', 'register', 'reconcile'].map(
          (name) => [name, 1],
        ),
      ),
      hooks: {
        async beforeCall(call) {
          if (call.functionName === 'publish') await counter.holdPublish();
          counter.called(call);
          return 'continue' as const;
        },
        deliver: (message) => {
          counter.sent(message.body);
          // What comes later comes in the order in which it was sent.
          return [message.queue.includes('Publish') ? message.delaySeconds : 0];
        },
      },
      onLog: ({ line }) => counter.logged(line),
      onInvocation: (invocation) => counter.invoked(invocation),
    });
    return await phasesOf(cloud, simulator, counter, { leads, start });
  } finally {
    await cloud?.stop();
    await proxy.stop();
    await simulator.stop();
    await rm(out, { recursive: true, force: true });
  }
}

async function phasesOf(
  cloud: Cloud,
  simulator: Simulator,
  counter: PhaseCounter,
  { leads, start }: { leads: number; start: number },
): Promise<Measured> {
  counter.watch(cloud);
  const phases = new Map<PhaseName, Phase>();
  const durations: Record<string, Record<string, number>> = {};
  const during = async (name: PhaseName, repeats: number, work: () => Promise<unknown>) => {
    await counter.begin();
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      await work();
      await cloud.idle(patienceMilliseconds);
    }
    const { phase, seconds } = await counter.end(repeats);
    phases.set(name, phase);
    durations[name] = seconds;
  };
  const fire = async (name: string, at: Date) => cloud.fire(name, at);

  await during('firstLoad', 1, async () => fire('plan', new Date(start - day)));
  simulator.advance(new Date(Date.now() - 1_000));
  await during('night', 1, async () => fire('plan', new Date(start)));

  const url = `${cloud.apiUrl('webhook-endpoint')}/webhooks/prospectb2b`;
  await cloud.invoke('register', { action: 'rotate', url, events: [...webhookEvents] });
  const changed: string[] = [];
  for (const { id } of simulator.expectedRows('leads')) {
    if (typeof id === 'string' && changed.length < webhookRepeats) changed.push(id);
  }
  await during('webhook', webhookRepeats, async () => {
    const id = changed.pop() ?? '';
    simulator.updateLead(id, { title: 'Changed for a webhook' });
    await simulator.emit('lead.updated', id);
  });
  await during('export', 1, async () => fire('exports', new Date(start)));
  await during('reconciliation', 1, async () => fire('reconciliation', new Date(start)));

  const phase = (name: PhaseName): Phase => {
    const found = phases.get(name);
    if (!found) throw new Error(`The phase ${name} was not measured.`);
    return found;
  };
  return {
    measurement: {
      leads,
      phases: {
        firstLoad: phase('firstLoad'),
        night: phase('night'),
        webhook: phase('webhook'),
        export: phase('export'),
        reconciliation: phase('reconciliation'),
      },
    },
    durations,
  };
}
