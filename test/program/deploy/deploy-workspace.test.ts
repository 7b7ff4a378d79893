import { describe, expect, it } from 'vitest';
import { deployWorkspace, type DeployPorts } from '../../../program/deploy/deploy-workspace.ts';

const names = { data: 'Lake-Data', pipeline: 'Lake-Pipeline' };

/** An account that keeps what was done, also when the program that did it is killed. */
class Account {
  readonly stacks = new Map<string, string>();
  key: string | undefined;
  run: 'none' | 'under way' | 'merged' = 'none';
  readonly done: string[] = [];
  said: string[] = [];
  #calls = 0;

  /**
   * Ports of a program that is killed at one call: before the call takes effect, or after that but before the answer.
   */
  ports(dies: { at: number; when: 'before' | 'after' } = { at: -1, when: 'before' }): DeployPorts {
    this.#calls = 0;
    const call = async <T>(effect: () => T): Promise<T> => {
      this.#calls += 1;
      const isLast = this.#calls === dies.at;
      if (isLast && dies.when === 'before') throw new Error('killed');
      const result = effect();
      if (isLast) throw new Error('killed');
      return result;
    };
    const note = (what: string) => void this.done.push(what);
    return {
      names,
      status: (stack) => call(() => this.stacks.get(stack)),
      deploy: (kind) =>
        call(() => {
          if (kind === 'pipeline' && this.key === undefined) throw new Error('The pipeline has no key.');
          if (!this.stacks.has(names[kind])) note(`create ${kind}`);
          this.stacks.set(names[kind], 'CREATE_COMPLETE');
        }),
      hasKey: () => call(() => this.key !== undefined),
      readKey: () => call(() => 'pb2b_live_key'),
      storeKey: (key) =>
        call(() => {
          note('store key');
          this.key = key;
        }),
      startRun: () =>
        call(() => {
          if (this.run !== 'none') return;
          note('start run');
          this.run = 'under way';
        }),
      hasTables: () => call(() => this.run === 'merged'),
      wait: () =>
        call(() => {
          if (this.run === 'under way') this.run = 'merged';
        }),
      say: (text) => void this.said.push(text),
    };
  }

  get calls(): number {
    return this.#calls;
  }
}

const whole = ['create data', 'store key', 'create pipeline', 'start run'];

async function callsOfOneDeployment(): Promise<number> {
  const account = new Account();
  await deployWorkspace(account.ports());
  return account.calls;
}

describe('a deployment', () => {
  it('makes the data stack, stores the key, makes the pipeline, and waits for the first tables', async () => {
    const account = new Account();
    await deployWorkspace(account.ports());
    expect(account.done).toEqual(whole);
    expect(account.said.at(-1)).toMatch(/^The first tables can be queried/);
  });

  it('that is killed at any call, and then repeated, does each step once and in order', async () => {
    const calls = await callsOfOneDeployment();
    expect(calls).toBeGreaterThan(10);
    for (const when of ['before', 'after'] as const)
      for (let at = 1; at <= calls; at += 1) {
        const account = new Account();
        await expect(deployWorkspace(account.ports({ at, when }))).rejects.toThrow('killed');
        await deployWorkspace(account.ports());
        expect([when, at, account.done]).toEqual([when, at, whole]);
      }
  });

  it('of a workspace that is complete changes nothing and asks for no key', async () => {
    const account = new Account();
    await deployWorkspace(account.ports());
    account.done.length = 0;
    await deployWorkspace({ ...account.ports(), readKey: () => Promise.reject(new Error('asked')) });
    expect(account.done).toEqual([]);
    expect(account.said.at(-1)).toBe('The tables can be queried.');
  });

  it('waits for a stack that an earlier deployment left in progress', async () => {
    const account = new Account();
    account.stacks.set(names.data, 'CREATE_IN_PROGRESS');
    const ports = account.ports();
    const wait = async () => {
      await ports.wait();
      if (account.stacks.get(names.data) === 'CREATE_IN_PROGRESS') account.stacks.set(names.data, 'CREATE_COMPLETE');
    };
    await deployWorkspace({ ...ports, wait });
    expect(account.said).toContainEqual(expect.stringContaining('CREATE_IN_PROGRESS, since an earlier deployment'));
    expect(account.done).toEqual(['store key', 'create pipeline', 'start run']);
  });

  it.each(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED'])(
    'stops at a stack in the state %s, and says what to type',
    async (status) => {
      const account = new Account();
      account.stacks.set(names.data, status);
      await expect(deployWorkspace(account.ports())).rejects.toThrow(
        new RegExp(
          `^Lake-Data is in the state ${status}\\. .*aws cloudformation .*--stack-name Lake-Data.* deploy again`,
        ),
      );
      expect(account.done).toEqual([]);
    },
  );

  it('does not wait for ever', async () => {
    const account = new Account();
    account.stacks.set(names.data, 'UPDATE_IN_PROGRESS');
    await expect(deployWorkspace(account.ports())).rejects.toThrow(/still is UPDATE_IN_PROGRESS after two hours/);
  });
});
