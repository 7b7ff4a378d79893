import { beforeEach, describe, expect, it } from 'vitest';
import { convertReceiptsPrefix, pipelineStateKey, planKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import { pipelineState, type RunReport } from '../../../lambdas/contract/run.ts';
import { UnavailableError } from '../../../lambdas/core/errors.ts';
import type { Audit } from '../../../ops/audit/audit.ts';
import { auditData, auditLines } from '../../../ops/audit/audit-lines.ts';
import { isClean, verdictOf } from '../../../ops/audit/verdict.ts';
import { AuditWorld, hour, toldBy } from '../../support/audit-world.ts';
import { junk, rot } from '../../support/damages.ts';

/** Damages of which no row tells: what an audit says of them, and what its repair brings home. */

const nothing = { missing: [], stale: [], ghost: [] };
let world: AuditWorld;
let report: RunReport | undefined;

beforeEach(async () => {
  world = new AuditWorld(['lead_messages', 'campaigns']);
  report = await world.pipeline.run();
  world.clock.advance(hour);
});

const store = () => world.pipeline.store;
const firstOf = (prefix: string) => store().keys(prefix)[0] ?? '';
const told = (found: Audit) => auditLines(found).join('\n');
const runId = () => report?.runId ?? '';

async function repaired(found: Audit): Promise<Audit> {
  await world.repair(world.planRepair(found));
  return world.audit();
}

describe('a file under the prefix of a table', () => {
  it('that the pipeline has not written is named, and no repair deletes it', async () => {
    const key = firstOf('lake/leads/').replace(/[^/]+$/, 'zzz.parquet');
    await store().put(key, junk);
    const found = await world.audit();
    expect(verdictOf(found)).toBe('differs');
    expect(told(found)).toContain(`${key} is no file of the pipeline, and every query of leads reads it. Move it out`);
    expect(verdictOf(await repaired(found))).toBe('differs');
    expect(store().objects.get(key)?.body).toEqual(junk);
    await store().delete(key);
    expect(isClean(await world.audit())).toBe(true);
  });

  it('is no matter where no query reads it', async () => {
    for (const name of ['.DS_Store', '_SUCCESS', '']) await store().put(`lake/leads/dt=2026-11-24/${name}`, 'x');
    await store().put('lake/notes/mine.txt', 'x');
    expect(isClean(await world.audit())).toBe(true);
  });

  it('that no receipt speaks of and that cannot be read is named with what to do', async () => {
    const key = 'lake/leads/dt=2026-10-01/compacted-0123456789abcdef.parquet';
    await store().put(key, junk);
    const found = await world.audit();
    expect(found.files.damaged).toEqual([key]);
    expect(verdictOf(found)).toBe('differs');
    expect(told(found)).toContain(`${key} cannot be read, nor any query of leads. Restore its former version`);
  });

  it.each(['rejected_rows', 'webhook_events', 'pipeline_runs', 'lead_activities'])(
    'of %s, which is not compared, is read too',
    async (table) => {
      const key = `lake/${table}/dt=2026-11-24/compacted-0123456789abcdef.parquet`;
      await store().put(key, junk);
      expect((await world.audit()).files.damaged).toEqual([key]);
    },
  );

  it('whose bytes have changed at the same size is made again from its raw chunk', async () => {
    const key = firstOf('lake/leads/');
    rot(store(), key);
    const found = await world.audit();
    expect(found.files.lost).toMatchObject([{ key, why: 'not readable', convertible: true }]);
    expect(isClean(await repaired(found))).toBe(true);
  });

  it('of pipeline_runs whose bytes have changed is written again from the report', async () => {
    rot(store(), firstOf('lake/pipeline_runs/'));
    const found = await world.audit();
    expect(found.files.unlisted).toEqual([runId()]);
    expect(isClean(await repaired(found))).toBe(true);
  });

  it('that cannot be made again counts until it is moved away, after which its rows are read anew', async () => {
    const key = firstOf('lake/leads/');
    await store().put(key, junk);
    await store().put(firstOf('raw/leads/'), 'no gzip');
    const found = await world.audit();
    expect(found.files).toMatchObject({ damaged: [key], lost: [] });
    const after = await repaired(found);
    expect(toldBy(after)).toEqual(nothing);
    expect(verdictOf(after)).toBe('differs');
    await store().delete(key);
    expect(verdictOf(await world.audit())).toBe('damaged');
    await store().delete(firstOf('raw/leads/'));
    expect(isClean(await world.audit())).toBe(true);
  });
});

describe('a raw chunk', () => {
  it.each([
    ['that is no gzip', async (key: string) => store().put(key, 'no gzip')],
    ['that is cut off', async (key: string) => store().put(key, store().objects.get(key)?.body.slice(0, 50) ?? '')],
    ['whose bytes have changed', async (key: string) => rot(store(), key)],
    [
      'that holds other rows',
      async (key: string) => store().put(key, store().objects.get(firstOf('raw/campaigns/'))?.body ?? ''),
    ],
  ])('%s is named while its rows are in the lake, and is as good as gone once they are not', async (_, damage) => {
    const [key, file] = [firstOf('raw/leads/'), firstOf('lake/leads/')];
    await damage(key);
    const found = await world.audit();
    expect(verdictOf(found)).toBe('damaged');
    expect(told(found)).toContain(`${key} `);
    await store().delete(file);
    const without = await world.audit();
    expect(without.files.lost).toMatchObject([{ key: file, convertible: false }]);
    const after = await repaired(without);
    expect(toldBy(after)).toEqual(nothing);
    expect(told(after)).toContain('The tables are what the API says; what is named above is lost or cannot be read.');
  });
});

it('a file that was lost with its raw chunk is told apart once its rows were read anew', async () => {
  await store().delete(firstOf('raw/leads/'));
  const file = firstOf('lake/leads/');
  await store().delete(file);
  const found = await world.audit();
  expect(told(found)).toContain(`${file} is gone (1 row); its raw chunk is gone or cannot be read`);
  const after = await repaired(found);
  expect(told(after)).not.toContain('is gone (');
  expect(told(after)).toContain(`${file} is gone, and its raw chunk is lost too; no row of its table is missing`);
  expect(auditData(after)).toMatchObject({ clean: true, files: { lost: [], replaced: [{ key: file }] } });
});

describe('a record that is no JSON', () => {
  it.each([
    ['the report', () => reportKey(runId())],
    ['the plan', () => planKey(runId())],
    ['the receipt of the chunk', () => firstOf(`${convertReceiptsPrefix(runId())}leads.`)],
    ['the state of the pipeline', () => pipelineStateKey],
  ])('%s: it is named, and rows that are lost are found all the same', async (_, keyOf) => {
    const key = keyOf();
    await store().put(key, 'garbage');
    await store().delete(firstOf('lake/leads/'));
    const found = await world.audit();
    expect(told(found)).toContain(`${key} is not JSON. Restore its former version`);
    expect(toldBy(found).missing).toHaveLength(1);
    expect(found.files.lost.filter(({ convertible }) => convertible)).toHaveLength(key === pipelineStateKey ? 1 : 0);
  });

  it('keeps no other run from being audited and repaired', async () => {
    await store().put(reportKey(runId()), '{}');
    await world.night();
    const file = store().keys('lake/campaigns/').at(-1) ?? '';
    await store().delete(file);
    const found = await world.audit();
    expect(found.files.lost).toMatchObject([{ key: file, convertible: true }]);
    const after = await repaired(found);
    expect(toldBy(after)).toEqual(nothing);
    expect(verdictOf(after)).toBe('damaged');
  });
});

it('a run whose record is missing before its time is named', async () => {
  world.settings = { ...world.settings, retention: { rawDays: 30, runDays: 30 } };
  expect(isClean(await world.audit())).toBe(true);
  for (const key of store().keys('runs/')) await store().delete(key);
  const found = await world.audit();
  expect(verdictOf(found)).toBe('damaged');
  expect(told(found)).toContain(`The records of the run ${runId()} are missing before their time`);
  world.clock.advance(29 * 24 * hour);
  expect((await world.audit()).files.missingRecords).toEqual([]);
});

it('lost watermarks leave nothing uncompared: pipeline_runs tells the same', async () => {
  await store().delete(firstOf('lake/leads/'));
  await store().delete(pipelineStateKey);
  expect(toldBy(await world.audit()).missing).toHaveLength(1);
  expect(pipelineState.safeParse(store().json(pipelineStateKey)).success).toBe(false);
});

describe('where the API was not read to its end, no difference is claimed', () => {
  it('of an address that cannot be reached', async () => {
    world.beforeRequest = () => {
      throw new UnavailableError('The API cannot be reached.');
    };
    const found = await world.audit();
    expect(verdictOf(found)).toBe('unfinished');
    expect(told(found)).toContain('leads was not compared to its end. The API cannot be reached.');
    expect(auditLines(found).at(-1)).toContain(
      'No difference was found, but 3 tables of 3 were not compared to the end; compared: none.',
    );
  });

  it('of a budget of requests that is used up, and one that was found is told', async () => {
    expect(verdictOf(await world.audit({ mostRequests: 2 }))).toBe('unfinished');
    await store().delete(firstOf('lake/campaigns/'));
    const found = await world.audit({ mostRequests: 2 });
    expect(verdictOf(found)).toBe('differs');
    expect(auditLines(found).at(-1)).toMatch(/The lake differs, and \d tables? of 3 w.* not compared/);
  });
});
