/** What somebody on call may do with objects and secrets, compared with what the commands do in an in-memory workspace. */

import { beforeEach, describe, expect, it } from 'vitest';
import { approvalKey, planKey, replayKey } from '../../lambdas/contract/object-keys.ts';
import { secretName } from '../../lambdas/contract/outputs.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import type { Intent, Outcome } from '../../ops/command.ts';
import { approveDeletions } from '../../ops/commands/approve-deletions.ts';
import { audit } from '../../ops/commands/audit.ts';
import { replayRejected } from '../../ops/commands/replay-rejected.ts';
import { trace } from '../../ops/commands/trace.ts';
import type { Target } from '../../ops/target.ts';
import { policies } from '../../policies/policies.ts';
import { AuditWorld, hour, wholeAudit } from '../support/audit-world.ts';
import { memoryTarget } from '../support/memory-target.ts';
import { account, allows, targetOf } from '../support/policies.ts';

const target = targetOf('main');
const bucket = `arn:aws:s3:::prospect-lake-main-${account}-eu-central-1`;
const secretArn = (name: 'api-key' | 'webhook' | 'hash-key') =>
  `arn:aws:secretsmanager:eu-central-1:${account}:secret:${secretName('main', name)}-Ab1Cd2`;
const runId = 'nightly-20261101T020000Z';

describe('the policy operate', () => {
  const operate = policies.operate(target);

  it('reads no secret: not the key with which a hash could be undone, and not that of the API', () => {
    for (const name of ['api-key', 'webhook', 'hash-key'] as const)
      expect([name, allows(operate, 'secretsmanager:GetSecretValue', secretArn(name))]).toEqual([name, false]);
  });

  it('deletes no object, and writes only records of runs', () => {
    for (const key of [planKey(runId), 'raw/leads/a', 'lake/leads/a.parquet', 'state/pipeline.json'])
      expect([key, allows(operate, 's3:DeleteObject', `${bucket}/${key}`)]).toEqual([key, false]);
    for (const key of ['raw/leads/a', 'lake/leads/a.parquet', 'current/leads/data/a.parquet', 'state/pipeline.json'])
      expect([key, allows(operate, 's3:PutObject', `${bucket}/${key}`)]).toEqual([key, false]);
    for (const key of [approvalKey(runId), replayKey(runId)])
      expect([key, allows(operate, 's3:PutObject', `${bucket}/${key}`)]).toEqual([key, true]);
  });
});

it('the policy maintain reads the key of the API and that of the hashes, and not that of the webhooks', () => {
  const read = (['api-key', 'webhook', 'hash-key'] as const).filter((name) =>
    allows(policies.maintain(target), 'secretsmanager:GetSecretValue', secretArn(name)),
  );
  expect(read).toEqual(['api-key', 'hash-key']);
});

describe('the commands', () => {
  let world: AuditWorld;
  let requests: Set<string>;
  let apiClients: number;
  let recorded: Target;

  beforeEach(async () => {
    world = new AuditWorld(['lead_messages'], { leads: 60 });
    await world.load();
    requests = new Set();
    apiClients = 0;
    const base = memoryTarget(world);
    recorded = {
      ...base,
      store: recording(base.store, requests),
      api() {
        apiClients += 1;
        return base.api();
      },
    };
  });

  const refusedBy = (name: 'operate' | 'maintain') =>
    [...requests].filter((request) => {
      const [action = '', key = ''] = request.split(' ');
      return !allows(policies[name](target), action, action === 's3:ListBucket' ? bucket : `${bucket}/${key}`);
    });
  const ids = () => world.workspace.rows('leads').map(({ id }) => String(id));

  it('approve-deletions, replay-rejected and trace need no more than operate allows', async () => {
    for (const id of ids().slice(0, 30)) world.workspace.workspace.remove('leads', id);
    world.clock.advance(8 * 24 * hour);
    const run = (await world.pipeline.run())?.runId ?? '';
    await act(await approveDeletions.prepare(recorded, { run, althoughGiven: false }));
    await act(await replayRejected.prepare(recorded, { run: undefined, table: undefined }));
    const nothing = { request: undefined, chunk: undefined, run: undefined };
    await trace.read(recorded, { table: 'leads', id: ids()[0], ...nothing });
    expect([...requests]).toContain(`s3:PutObject ${approvalKey(run)}`);
    expect(refusedBy('operate')).toEqual([]);
    expect(apiClients).toBe(0);
  });

  it('an audit asks the API, which needs a key that only maintain may read, and its repair what maintain allows', async () => {
    world.workspace.workspace.remove('leads', ids()[0] ?? '');
    await act(await audit.prepare(recorded, { ...wholeAudit, repair: true }));
    expect(apiClients).toBeGreaterThan(0);
    expect([...requests].filter((request) => request.startsWith('s3:PutObject'))).not.toEqual([]);
    expect(refusedBy('maintain')).toEqual([]);
  });
});

async function act(prepared: Intent | Outcome): Promise<Outcome> {
  return 'act' in prepared ? prepared.act() : prepared;
}

function recording(store: ObjectStore, requests: Set<string>): ObjectStore {
  return {
    list: (prefix) => {
      requests.add(`s3:ListBucket ${prefix}`);
      return store.list(prefix);
    },
    get: (key) => note('s3:GetObject', key, () => store.get(key)),
    head: (key) => note('s3:GetObject', key, () => store.head(key)),
    put: (key, ...rest) => note('s3:PutObject', key, () => store.put(key, ...rest)),
    delete: (key) => note('s3:DeleteObject', key, () => store.delete(key)),
  };
  function note<T>(action: string, key: string, call: () => T): T {
    requests.add(`${action} ${key}`);
    return call();
  }
}
