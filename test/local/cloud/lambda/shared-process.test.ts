import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FunctionDefinition } from '../../../../local/cloud/cloudformation/definitions.ts';
import type { FunctionInstance, StartInstance } from '../../../../local/cloud/lambda/function-process.ts';
import { sharedProcess } from '../../../../local/cloud/lambda/shared-process.ts';

let folder: string;
const started: FunctionInstance[] = [];

/** Functions that share a module. They answer with their process, their environment, and how often they were called. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shared-process-'));
  await writeFile(join(folder, 'shared.mjs'), 'export const loads = { count: 0 }; loads.count += 1;');
  const source = `import { loads } from './shared.mjs';
    const told = process.env.TOLD;
    let calls = 0;
    export async function handler(event, context) {
      calls += 1;
      console.log(told + ' logs');
      if (event.hang) await new Promise(() => setInterval(() => {}, 1000));
      if (event.fail) throw new TypeError('no');
      return { pid: process.pid, told, calls, loads: loads.count, name: context.functionName };
    }`;
  for (const name of ['first', 'second']) await writeFile(join(folder, `${name}.mjs`), source);
});

afterAll(async () => {
  for (const instance of started) instance.kill();
  await rm(folder, { recursive: true });
});

function start(of: StartInstance, name: string, id: string, timeoutSeconds = 60) {
  const lines: string[] = [];
  const definition = {
    name,
    functionName: `function-${name}`,
    arn: `arn:${name}`,
    folder,
    handler: 'index.handler',
    memoryMiB: 128,
    timeoutSeconds,
    environment: { TOLD: `${name} ${id}` },
  } as unknown as FunctionDefinition;
  const options = { endpoint: 'http://127.0.0.1:1', environment: {}, compileCache: join(folder, 'cache') };
  const instance = of(definition, id, { ...options, onLine: (line) => lines.push(line), onRequests() {} });
  started.push(instance);
  return { instance, lines };
}

async function answerOf(instance: FunctionInstance, event: object = {}) {
  const outcome = await instance.invoke(JSON.stringify(event));
  if (outcome.type !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.payload);
}

describe('functions that share a process', () => {
  it('trust the certificates and use the proxy that this machine does: Node reads both only when a process starts', async () => {
    const source = `import { globalAgent } from 'node:https';
      import { getCACertificates } from 'node:tls';
      export const handler = async () =>
        ({ certificates: getCACertificates('extra'), proxy: globalAgent.options.proxyEnv?.HTTPS_PROXY });`;
    await writeFile(join(folder, 'network.mjs'), source);
    const file = join(folder, 'ca.pem');
    await writeFile(file, rootCertificates[0] ?? '');
    vi.stubEnv('NODE_EXTRA_CA_CERTS', file);
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
    try {
      const { instance } = start(sharedProcess(folder), 'network', 'A');
      const { certificates, proxy } = await answerOf(instance);
      expect(certificates).toHaveLength(1);
      expect(proxy).toBe('http://127.0.0.1:9');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('load their common code once, and have their own environment, state and log', async () => {
    const shared = sharedProcess(folder);
    const [one, two, other] = [start(shared, 'first', 'A'), start(shared, 'first', 'B'), start(shared, 'second', 'C')];
    await answerOf(one.instance);
    const answers = await Promise.all([one, two, other].map(({ instance }) => answerOf(instance)));
    expect(answers).toMatchObject([
      { told: 'first A', calls: 2, loads: 1, name: 'function-first' },
      { told: 'first B', calls: 1, loads: 1 },
      { told: 'second C', calls: 1, loads: 1, name: 'function-second' },
    ]);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
    expect(one.lines).toEqual(['first A logs', 'first A logs']);
    expect(other.lines).toEqual(['second C logs']);
    expect(one.instance.peakBytes).toBeGreaterThan(10_000_000);
  });

  it('report an error of one, and go on', async () => {
    const { instance } = start(sharedProcess(folder), 'first', 'A');
    expect(await instance.invoke('{"fail":true}')).toMatchObject({
      type: 'failed',
      error: { errorType: 'TypeError', errorMessage: 'no' },
    });
    expect(await answerOf(instance)).toMatchObject({ calls: 2 });
  });

  it('end together if one of them times out; the next one starts another process', async () => {
    const shared = sharedProcess(folder);
    const { instance } = start(shared, 'first', 'A', 0.5);
    const { instance: other } = start(shared, 'second', 'B');
    const { pid } = await answerOf(other);
    const [outcome, otherOutcome] = await Promise.all([instance, other].map((one) => one.invoke('{"hang":true}')));
    expect([outcome?.type, otherOutcome?.type, other.isAlive]).toEqual(['timed out', 'exited', false]);
    const again = await answerOf(start(shared, 'second', 'C').instance);
    expect(again.pid).not.toBe(pid);
  });
});
