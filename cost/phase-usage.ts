import type { Usage } from './bill.ts';
import type { Phase } from './measurement.ts';
import type { PriceId } from './prices.ts';
import { assumptions } from './workload.ts';

/** What the functions are given, from the configuration. */
export interface Settings {
  /** MiB, by function. */
  readonly memory: Readonly<Record<string, number>>;
  readonly requestsPerMinute: number;
  /** Extract functions at once, which share the requests. */
  readonly concurrency: number;
  readonly publishCheckSeconds: number;
  /** The customer's own key: Secrets Manager asks it at each read. */
  readonly hasOwnKey: boolean;
}

const gib = 1024 ** 3;
const chunkBytes = 64 * 1024;
const secretCacheSeconds = 300;

const priceOfCall: readonly [pattern: RegExp, price: PriceId][] = [
  [/ s3:(Put|List|Copy|Create|Upload|Complete)/, 's3.writes'],
  [/ s3:(Get|Head)/, 's3.reads'],
  [/ sqs:/, 'sqs.requests'],
  [/ secretsmanager:/, 'secrets.calls'],
];

/** Seconds that one of these takes at the API's limit, which is what it waits for. */
export function secondsOf({ apiRequests, repeats }: Phase, { requestsPerMinute }: Settings): number {
  return (apiRequests / repeats) * (60 / requestsPerMinute);
}

/**
 * What it uses to do this so many times.
 * @param seconds of an invocation as measured, by function
 */
export function phaseUsage(
  phase: Phase,
  options: {
    times: number;
    cause: string;
    seconds: Readonly<Record<string, number>>;
    settings: Settings;
  },
): Usage[] {
  const { times, cause, seconds, settings } = options;
  const share = times / phase.repeats;
  const use = (price: PriceId, quantity: number): Usage => ({ price, quantity: quantity * share, cause });
  const looks = looksAt(secondsOf(phase, settings), settings.publishCheckSeconds) * phase.repeats;
  const perLook = 1 / Math.max(1, phase.invocations['publish'] ?? 1);
  const invocations = withLooks(phase, looks);
  const paced = phase.apiRequests * (60 / settings.requestsPerMinute) * settings.concurrency;

  let gbSeconds = 0;
  let invoked = 0;
  for (const [name, count] of Object.entries(invocations)) {
    const memory = settings.memory[name] ?? 0;
    // A process here has a whole processor; a function has a share of one.
    const slower = Math.max(1, assumptions.oneProcessorMiB / memory);
    const measured = count * (seconds[name] ?? 0) * slower;
    // The functions share the limit, and each waits for its turn.
    const billed = name === 'extract' ? Math.max(measured, paced) : measured;
    gbSeconds += (billed * memory) / 1024;
    invoked += count;
  }
  const calls = priceOfCall.map(([pattern, price]) => {
    let sum = 0;
    for (const [call, count] of Object.entries(phase.calls)) {
      if (!pattern.test(call)) continue;
      const isRead = call.startsWith('publish ') && !/Put/.test(call);
      sum += isRead ? count * (1 + looks * perLook) : count;
    }
    return { price, sum };
  });
  const called = (id: PriceId) => calls.find(({ price }) => price === id)?.sum ?? 0;
  const deletes = Object.entries(phase.calls).filter(([call]) => call.includes(' sqs:Delete'));
  const receives = deletes.reduce((sum, [, count]) => sum + count, 0) + looks;
  const secretReads = called('secrets.calls') + paced / secretCacheSeconds;
  return [
    use('lambda.requests', invoked),
    use('lambda.gbSeconds', gbSeconds),
    use('s3.writes', called('s3.writes')),
    use('s3.reads', called('s3.reads')),
    // Sent, received and deleted; a message of many kilobytes counts several times.
    use('sqs.requests', called('sqs.requests') + receives + looks + 3 * Math.floor(phase.messageBytes / chunkBytes)),
    use('secrets.calls', secretReads),
    use('kms.requests', settings.hasOwnKey ? secretReads : 0),
    use('events.custom', phase.events),
    use('logs.ingested', (phase.logBytes + invoked * assumptions.platformLogBytes) / gib),
  ];
}

/** How often publish looks at a run before it is over: core/publish/publish-run.ts waits longer the older it is. */
export function looksAt(runSeconds: number, checkSeconds: number): number {
  let looks = 0;
  for (let at = checkSeconds; at < runSeconds; looks += 1) {
    at += checkSeconds * Math.min(assumptions.slowestCheck, 1 + Math.floor(looks / 5));
  }
  return looks;
}

function withLooks(phase: Phase, looks: number): Record<string, number> {
  const publish = phase.invocations['publish'];
  return publish === undefined ? phase.invocations : { ...phase.invocations, publish: publish + looks };
}
