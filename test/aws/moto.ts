/** moto, an independent AWS emulator, installed in a fixed version into a folder of the project that git ignores. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { installPython } from '../../tools/install-python.ts';
import { region } from '../../local/cloud/cloudformation/addresses.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.cache/aws');
const python = join(folder, 'bin/python');
/** File with the output of the functions, to find out why something failed. */
export const logFile = join(folder, 'functions.log');

export interface Moto {
  readonly endpoint: string;
  /**
   * Creates the resources in this order.
   * @returns their number, and the ids that moto gave, by the names that the templates use
   */
  make(resources: readonly object[]): { made: number; given: Record<string, string> };
  stop(): Promise<void>;
}

/** Installs and starts moto. @param account AWS account id in the embedded cloud's ARNs, which the templates contain */
export async function startMoto(port: number, account: string): Promise<Moto> {
  installPython(folder, [join(import.meta.dirname, 'requirements.txt')]);
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(join(folder, 'bin/moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, MOTO_ACCOUNT_ID: account },
    stdio: 'ignore',
  });
  await untilReady(endpoint, child);
  return {
    endpoint,
    make(resources) {
      const answer = execFileSync(python, [join(import.meta.dirname, 'make_resources.py'), endpoint, region], {
        input: JSON.stringify(resources),
        maxBuffer: 64 * 1024 * 1024,
      });
      return JSON.parse(answer.toString()) as { made: number; given: Record<string, string> };
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    },
  };
}

async function untilReady(endpoint: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}.`);
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok) return;
    await wait(200);
  }
}
