/**
 * Forty nights under the lifecycle rules of the template, applied as S3 applies them. The current tables, the audit and
 * the commands must not need what has expired.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findRejected } from '../../../lambdas/core/replay/replay-rejected.ts';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { verdictOf } from '../../../ops/audit/verdict.ts';
import { Damage } from '../../../ops/lake/damage.ts';
import { findVersions } from '../../../ops/trace/find-versions.ts';
import { createOriginFinder } from '../../../ops/trace/origins.ts';
import { AuditWorld, differencesIn, noDifferences } from '../../support/audit-world.ts';
import { propertiesOf, templatesOf } from '../../lib/templates.ts';

const day = 86_400_000;
const retention = { rawDays: 10, runDays: 10, historyDays: 14 } as const;
const streams = ['lead_messages', 'campaigns', 'campaign_run_events', 'billing_usage'];

/** The days after which the template's bucket deletes the objects of each prefix. */
function rules(): { prefix: string; days: number }[] {
  const bucket = z.object({
    VersioningConfiguration: z.unknown().optional(),
    LifecycleConfiguration: z.object({
      Rules: z.array(z.object({ Prefix: z.string().optional(), ExpirationInDays: z.number().optional() })),
    }),
  });
  const [lake] = [...propertiesOf(templatesOf({ retention }).data, 'AWS::S3::Bucket', bucket).values()].filter(
    ({ VersioningConfiguration }) => VersioningConfiguration,
  );
  return (lake?.LifecycleConfiguration.Rules ?? []).flatMap(({ Prefix, ExpirationInDays }) =>
    Prefix !== undefined && ExpirationInDays !== undefined ? [{ prefix: Prefix, days: ExpirationInDays }] : [],
  );
}

class ExpiringWorld extends AuditWorld {
  readonly expired = new Set<string>();
  /** Keys of expired objects that something tried to read. */
  readonly missed = new Set<string>();
  readonly #written = new Map<string, number>();
  readonly #rules = rules();
  #nights = 0;

  constructor() {
    super(streams, { leads: 30 });
    this.settings = { startDate: undefined, retention };
    const { store } = this.pipeline;
    const [put, get, head] = [store.put.bind(store), store.get.bind(store), store.head.bind(store)];
    store.put = async (key, ...rest) => {
      const isWritten = await put(key, ...rest);
      if (isWritten) this.#written.set(key, this.clock.now().getTime());
      return isWritten;
    };
    const note = (key: string) => {
      if (this.expired.has(key) && !store.objects.has(key)) this.missed.add(key);
    };
    store.get = async (key) => {
      note(key);
      return get(key);
    };
    store.head = async (key) => {
      note(key);
      return head(key);
    };
  }

  /** Deletes what has expired. S3 counts the days from the first midnight after the object was written. */
  async expire(): Promise<void> {
    for (const [key, at] of this.#written)
      for (const { prefix, days } of this.#rules)
        if (key.startsWith(prefix) && this.clock.now().getTime() >= Math.ceil(at / day) * day + days * day) {
          await this.pipeline.store.delete(key);
          this.expired.add(key);
          this.#written.delete(key);
        }
  }

  async night(): Promise<string | undefined> {
    if (this.#nights > 0) this.workspace.workspace.advance(this.clock.now());
    this.#nights += 1;
    const report = await this.pipeline.run();
    await this.pipeline.settle();
    this.clock.advance(day);
    await this.expire();
    return report?.status;
  }
}

describe('after forty nights with a history of fourteen days', () => {
  let world: ExpiringWorld;
  const statuses: (string | undefined)[] = [];

  beforeAll(async () => {
    world = new ExpiringWorld();
    for (let night = 0; night < 40; night += 1) statuses.push(await world.night());
  }, 300_000);

  const daysOf = (table: string) => [
    ...new Set(world.pipeline.store.keys(`lake/${table}/`).map((key) => /dt=([\d-]+)/.exec(key)?.[1] ?? '')),
  ];

  it('each current table has every row of the workspace, also rows whose file of the history is gone', async () => {
    expect(new Set(statuses)).toEqual(new Set(['complete']));
    expect(await world.differences()).toEqual(noDifferences);
    const old = (await world.pipeline.rows('lead_messages')).filter(
      ({ _extracted_at: at }) => at instanceof Date && world.clock.now().getTime() - at.getTime() > 20 * day,
    );
    expect(old.length).toBeGreaterThan(0);
  });

  it('the partitions of the history begin fifteen days back, and the record of runs reaches to the first night', () => {
    const oldest = new Date(world.clock.now().getTime() - 16 * day).toISOString().slice(0, 10);
    for (const table of ['leads', 'lead_messages', 'campaigns', 'billing_usage']) {
      expect(daysOf(table).length).toBeGreaterThan(0);
      expect(daysOf(table).filter((date) => date < oldest)).toEqual([]);
    }
    expect(daysOf('pipeline_runs')[0]).toBe('2026-11-24');
  });

  it('no night asked for an object that had expired', () => {
    expect([...world.missed].filter((key) => key.startsWith('lake/') || key.startsWith('raw/'))).toEqual([]);
  });

  it('the audit is clean', async () => {
    const found = await world.audit();
    expect([differencesIn(found), verdictOf(found)]).toEqual([noDifferences, 'clean']);
  });

  it('a lost data file of a current table is repaired from the API', async () => {
    const { store } = world.pipeline;
    const { files } = await liveFiles(world);
    await store.delete(files[0] ?? '');
    const found = await world.audit();
    expect(verdictOf(found)).not.toBe('clean');
    await world.repair(world.planRepair(found));
    expect([await world.differences(), verdictOf(await world.audit())]).toEqual([noDifferences, 'clean']);
  });

  it('trace finds a row whose history is gone, in its current table', async () => {
    const { store, warehouse } = world.pipeline;
    const stream = streamNamed('lead_messages');
    const damage = new Damage();
    const originOf = createOriginFinder(store, damage);
    const origins: { file: string | null; current: boolean }[] = [];
    for await (const version of findVersions(stream, { store, warehouse }, damage, () => true))
      if (version.file === null) origins.push(await originOf(stream, version));
    expect(origins.length).toBeGreaterThan(0);
    expect(origins.every(({ current, file }) => current && file === null)).toBe(true);
    expect(damage.keys).toEqual([]);
  });

  it('a backfill, a full refresh and a search for rejected rows work', async () => {
    const now = () => world.clock.now().toISOString();
    const backfill = await world.pipeline.run({
      kind: 'backfill',
      streams: ['leads'],
      from: '2026-01-01T00:00:00.000Z',
    });
    expect(backfill?.status).toBe('complete');
    const refresh = await world.pipeline.run({ scheduledAt: now(), fullRefresh: true });
    await world.pipeline.settle();
    expect(refresh?.status).toBe('complete');
    expect(await findRejected({}, world.pipeline.store)).toEqual({ runs: [], expired: [] });
    expect([await world.differences(), verdictOf(await world.audit())]).toEqual([noDifferences, 'clean']);
  });
});

async function liveFiles({ pipeline: { store, warehouse } }: AuditWorld): Promise<{ files: string[] }> {
  const live = await loadTable(store, warehouse, 'leads');
  return { files: live?.files.map(({ key }) => key) ?? [] };
}
