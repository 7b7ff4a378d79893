import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionDefinition } from '../../../../local/cloud/cloudformation/definitions.ts';
import type {
  FunctionInstance,
  InstanceOptions,
  StartInstance,
} from '../../../../local/cloud/lambda/function-process.ts';
import { sharedThread } from '../../../../local/cloud/lambda/shared-thread.ts';

let folder: string;
const started: FunctionInstance[] = [];

/** Functions that share a module. They answer with their thread, their environment, and how often they were called. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shared-thread-'));
  await writeFile(join(folder, 'shared.mjs'), 'export const loads = { count: 0 }; loads.count += 1;');
  const source = `import { threadId } from 'node:worker_threads';
    import { loads } from './shared.mjs';
    const told = process.env.TOLD;
    let calls = 0;
    export async function handler(event, context) {
      calls += 1;
      console.log(told + ' logs');
      if (event.hang) await new Promise(() => setInterval(() => {}, 1000));
      if (event.fail) throw new TypeError('no');
      return { thread: threadId, told, calls, loads: loads.count, name: context.functionName };
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
  const answerDirectly: InstanceOptions['answerDirectly'] = ({ call }) => ({ type: 'answer', call });
  const options = {
    endpoint: 'http://127.0.0.1:1',
    environment: {},
    compileCache: join(folder, 'cache'),
    answerDirectly,
  };
  const instance = of(definition, id, { ...options, onLine: (line) => lines.push(line), onRequests() {} });
  started.push(instance);
  return { instance, lines };
}

async function answerOf(instance: FunctionInstance, event: object = {}) {
  const outcome = await instance.invoke(JSON.stringify(event));
  if (outcome.type !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.payload);
}

describe('functions that share a thread', () => {
  it('can be ended while they unpack, without an end of the whole process', async () => {
    const source = `import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
      const packed = zstdCompressSync(Buffer.alloc(3_000, 'a'));
      export async function handler({ turns }) {
        for (let turn = 0; ; turn += 1) {
          if (turn === turns) console.log('begun');
          for (let at = 0; at < 50; at += 1) zstdDecompressSync(packed);
          await new Promise(setImmediate);
        }
      }`;
    await writeFile(join(folder, 'unpacks.mjs'), source);
    const program = `
      import { sharedThread } from ${JSON.stringify(new URL('../../../../local/cloud/lambda/shared-thread.ts', import.meta.url).href)};
      const environment = {};
      const definition = { name: 'unpacks', functionName: 'unpacks', arn: 'arn', memoryMiB: 128, timeoutSeconds: 60, environment };
      for (let round = 0; round < 50; round += 1) {
        const begun = Promise.withResolvers();
        const instance = sharedThread(${JSON.stringify(folder)})(definition, 'one', {
          endpoint: 'http://127.0.0.1:1', environment, compileCache: ${JSON.stringify(join(folder, 'cache'))},
          answerDirectly: ({ call }) => ({ type: 'answer', call }), onLine: begun.resolve, onRequests() {},
        });
        const outcome = instance.invoke(JSON.stringify({ turns: round }));
        await begun.promise;
        instance.kill();
        await outcome;
      }
      console.log('survived');`;
    await writeFile(join(folder, 'ends.mjs'), program);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'ends.mjs')]);
    expect(stdout).toContain('survived');
  }, 60_000);

  it('trust the certificates and use the proxy that this machine does', async () => {
    const source = `import { globalAgent } from 'node:https';
      import { getCACertificates } from 'node:tls';
      export const handler = async () =>
        ({ certificates: getCACertificates('extra').length, proxy: globalAgent.options.proxyEnv?.HTTPS_PROXY });`;
    await writeFile(join(folder, 'network.mjs'), source);
    const certificate = join(folder, 'ca.pem');
    await writeFile(certificate, rootCertificates[0] ?? '');
    // In a process of its own, because Node reads the certificates when a process starts.
    const module = new URL('../../../../local/cloud/lambda/shared-thread.ts', import.meta.url);
    const program = `import { sharedThread } from ${JSON.stringify(module.href)};
      const definition = { name: 'network', timeoutSeconds: 60, environment: { API_BASE_URL: 'https://api.test' } };
      const instance = sharedThread(${JSON.stringify(folder)})(definition, 'A', { endpoint: 'http://127.0.0.1:1',
        environment: {}, compileCache: ${JSON.stringify(join(folder, 'cache'))}, onLine: console.error });
      console.log(JSON.stringify(await instance.invoke('{}')));
      instance.kill();`;
    const environment = { ...process.env, NODE_EXTRA_CA_CERTS: certificate, HTTPS_PROXY: 'http://127.0.0.1:9' };
    await writeFile(join(folder, 'program.mjs'), program);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'program.mjs')], { env: environment });
    const payload = JSON.stringify({ certificates: 1, proxy: 'http://127.0.0.1:9' });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'succeeded', payload });
  });

  it('load their common code once, and have their own environment, state and log', async () => {
    const shared = sharedThread(folder);
    const [one, two, other] = [start(shared, 'first', 'A'), start(shared, 'first', 'B'), start(shared, 'second', 'C')];
    await answerOf(one.instance);
    const answers = await Promise.all([one, two, other].map(({ instance }) => answerOf(instance)));
    expect(answers).toMatchObject([
      { told: 'first A', calls: 2, loads: 1, name: 'function-first' },
      { told: 'first B', calls: 1, loads: 1 },
      { told: 'second C', calls: 1, loads: 1, name: 'function-second' },
    ]);
    expect(new Set(answers.map(({ thread }) => thread)).size).toBe(1);
    expect(one.lines).toEqual(['first A logs', 'first A logs']);
    expect(other.lines).toEqual(['second C logs']);
    expect(one.instance.peakBytes).toBeGreaterThan(10_000_000);
  });

  it('can load their common code before any of them starts', async () => {
    await writeFile(
      join(folder, 'common-code.mjs'),
      "import { loads } from './shared.mjs'; loads.wereEarly = process.env.TOLD === undefined;",
    );
    await writeFile(
      join(folder, 'third.mjs'),
      "import { loads } from './shared.mjs'; export const handler = () => loads.wereEarly ?? 'never';",
    );
    const ahead = sharedThread(folder, join(folder, 'cache'));
    await setTimeout(500);
    expect(await answerOf(start(ahead, 'third', 'A').instance)).toBe(true);
    expect(await answerOf(start(sharedThread(folder), 'third', 'A').instance)).toBe('never');
  });

  it('do not keep the process alive before any of them starts', async () => {
    const module = new URL('../../../../local/cloud/lambda/shared-thread.ts', import.meta.url);
    await writeFile(join(folder, 'common-code.mjs'), 'setInterval(() => {}, 1000);');
    const program = `import { sharedThread } from ${JSON.stringify(module.href)};
      sharedThread(${JSON.stringify(folder)}, ${JSON.stringify(join(folder, 'cache'))});
      await new Promise((done) => setTimeout(done, 500));
      console.log('ends');`;
    await writeFile(join(folder, 'idle.mjs'), program);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'idle.mjs')], { timeout: 20_000 });
    expect(stdout).toBe('ends\n');
  });

  it('report an error of one, and go on', async () => {
    const { instance } = start(sharedThread(folder), 'first', 'A');
    expect(await instance.invoke('{"fail":true}')).toMatchObject({
      type: 'failed',
      error: { errorType: 'TypeError', errorMessage: 'no' },
    });
    expect(await answerOf(instance)).toMatchObject({ calls: 2 });
  });

  it('end together if one of them times out; the next one starts another thread', async () => {
    const shared = sharedThread(folder);
    const { instance } = start(shared, 'first', 'A', 0.5);
    const { instance: other } = start(shared, 'second', 'B');
    const { thread } = await answerOf(other);
    const [outcome, otherOutcome] = await Promise.all([instance, other].map((one) => one.invoke('{"hang":true}')));
    expect([outcome?.type, otherOutcome?.type, other.isAlive]).toEqual(['timed out', 'exited', false]);
    const again = await answerOf(start(shared, 'second', 'C').instance);
    expect(again.thread).not.toBe(thread);
  });
});
