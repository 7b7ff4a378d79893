/** What an audit reports about lost or damaged files and records, and what its repair restores. */

import { beforeEach, describe, expect, it } from 'vitest';
import {
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  pipelineStateKey,
  planKey,
  reportKey,
} from '../../../lambdas/contract/object-keys.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { UnavailableError } from '../../../lambdas/core/errors.ts';
import type { Audit } from '../../../ops/audit/audit.ts';
import { auditData, auditLines } from '../../../ops/audit/audit-lines.ts';
import { ownReports } from '../../../ops/audit/repair-runs.ts';
import { verdictOf } from '../../../ops/audit/verdict.ts';
import { AuditWorld, hour, noDifferences, differencesIn, inPipe } from '../../support/audit-world.ts';
import { junk, corrupt } from '../../support/damages.ts';

let world: AuditWorld;
let report: RunReport | undefined;

beforeEach(async () => {
  world = new AuditWorld(['lead_messages', 'campaigns']);
  report = await world.pipeline.run();
  world.clock.advance(hour);
});

const store = () => world.pipeline.store;
const firstOf = (prefix: string) => store().keys(prefix)[0] ?? '';
const told = (found: Audit) => auditLines(found, inPipe).join('\n');
const runId = () => report?.runId ?? '';
const body = (key: string) => store().objects.get(key)?.body ?? new Uint8Array();

async function repaired(found: Audit): Promise<Audit> {
  await world.repair(world.planRepair(found));
  return world.audit();
}

describe('a file of the history', () => {
  const damages: Record<string, [string, (key: string) => unknown]> = {
    'that is lost': ['gone', (key) => store().delete(key)],
    'that is cut off': ['of another size', (key) => store().put(key, body(key).slice(0, 40))],
    'that holds something else': ['of other content', (key) => store().put(key, new Uint8Array(body(key).byteLength))],
    'whose bytes have changed': ['of other content', (key) => corrupt(store(), key)],
  };

  it.each(Object.keys(damages))('%s is restored from its raw chunk, without requests to the API', async (name) => {
    const [why, damage] = damages[name] ?? [];
    const key = firstOf('lake/leads/');
    const before = body(key);
    await damage?.(key);
    const found = await world.audit();
    expect(found.files.lost).toMatchObject([{ key, why, isConvertible: true }]);
    expect([differencesIn(found), verdictOf(found)]).toEqual([noDifferences, 'differs']);
    await world.repair(world.planRepair(found));
    expect(world.asked).toEqual([]);
    expect(body(key)).toEqual(before);
    expect(verdictOf(await world.audit())).toBe('clean');
  });

  it.each(['lost', 'damaged'])(
    'whose raw chunk is also %s cannot be restored, and the current table does not need it',
    async (how) => {
      const [key, raw] = [firstOf('lake/leads/'), firstOf('raw/leads/')];
      await store().delete(key);
      if (how === 'lost') await store().delete(raw);
      else await store().put(raw, 'no gzip');
      const found = await world.audit();
      expect([differencesIn(found), verdictOf(found)]).toEqual([noDifferences, 'damaged']);
      expect(told(found)).toContain(`${key} is gone (`);
      expect(told(found)).toContain('only its previous version can restore it');
      expect(world.planRepair(found)).toBeUndefined();
    },
  );

  it('is not missed after it has expired', async () => {
    for (const key of store().keys('lake/leads/')) await store().delete(key);
    world.settings = { ...world.settings, retention: { historyDays: 2 } };
    expect(verdictOf(await world.audit())).toBe('clean');
  });

  it('is made again by the run that wrote it, whose own problems are not told as those of the repair', async () => {
    await store().delete(firstOf('lake/leads/'));
    await store().delete(firstOf('current/campaigns/data/'));
    const ended = (await world.repair(world.planRepair(await world.audit()))).flatMap((one) => one ?? []);
    const repair = expect.stringMatching(/^backfill-.*-audit$/);
    expect(new Set(ended.map((one) => one.runId))).toEqual(new Set([runId(), repair]));
    expect(ownReports(ended)).toMatchObject([{ runId: repair }]);
  });

  it('that the pipeline did not write is named, and no repair deletes it', async () => {
    const key = firstOf('lake/leads/').replace(/[^/]+$/, 'zzz.parquet');
    await store().put(key, junk);
    const found = await world.audit();
    expect(verdictOf(found)).toBe('differs');
    expect(told(found)).toContain(`${key} is no file of the pipeline, and every query of that table reads it. Move it`);
    expect(verdictOf(await repaired(found))).toBe('differs');
    expect(body(key)).toEqual(junk);
    await store().delete(key);
    expect(verdictOf(await world.audit())).toBe('clean');
  });

  it('does not matter if no query reads it', async () => {
    for (const name of ['.DS_Store', '_SUCCESS', '']) await store().put(`lake/leads/dt=2026-11-24/${name}`, 'x');
    await store().put('lake/notes/mine.txt', 'x');
    expect(verdictOf(await world.audit())).toBe('clean');
  });
});

describe('a data file of a current table', () => {
  it.each([
    ['gone', async (key: string) => store().delete(key)],
    ['of another size', async (key: string) => store().put(key, body(key).slice(0, 40))],
    ['not readable', async (key: string) => store().put(key, new Uint8Array(body(key).byteLength))],
    ['not readable', async (key: string) => corrupt(store(), key)],
  ])('that is %s is removed from its table, and its rows are read again', async (why, damage) => {
    const key = firstOf('current/leads/data/');
    await damage(key);
    const found = await world.audit();
    expect(found.lostData).toMatchObject([{ key, table: 'leads', why }]);
    expect(differencesIn(found).missing).toHaveLength(world.workspace.rows('leads').length);
    expect(verdictOf(await repaired(found))).toBe('clean');
    expect(await world.differences()).toEqual(noDifferences);
  });

  it('of the ledger of child readings is removed as well, so that the next night can continue', async () => {
    await store().delete(firstOf('current/child_reads/data/'));
    expect(verdictOf(await repaired(await world.audit()))).toBe('clean');
    expect((await world.pipeline.run())?.status).toBe('complete');
  });

  it('cannot be compared if its table’s metadata is lost; other tables are compared', async () => {
    const key = store().keys('current/leads/metadata/v').at(-1) ?? '';
    await store().put(key, 'garbage');
    const found = await world.audit();
    expect(verdictOf(found)).toBe('unfinished');
    expect(told(found)).toContain('leads: the comparison did not finish. Its current table cannot be read.');
    expect(told(found)).toContain(`${key} does not have the form that the pipeline writes.`);
    expect(told(found)).toContain("move the table's folder out of current/");
    for (const one of store().keys('current/leads/')) await store().delete(one);
    expect(verdictOf(await repaired(await world.audit()))).toBe('clean');
  });
});

describe('a record', () => {
  it('of a run in pipeline_runs is rewritten', async () => {
    const file = firstOf('lake/pipeline_runs/');
    const before = body(file);
    const deletion = async () => store().delete(file);
    for (const damage of [deletion, async () => corrupt(store(), file)]) {
      await damage();
      const found = await world.audit();
      expect(found.files.unlisted).toEqual([runId()]);
      expect(verdictOf(await repaired(found))).toBe('clean');
      expect(body(file)).toEqual(before);
    }
  });

  it.each([
    ['the report', () => reportKey(runId())],
    ['the plan', () => planKey(runId())],
    ['a receipt', () => firstOf(extractReceiptsPrefix(runId()))],
    ['the state of the pipeline', () => pipelineStateKey],
  ])('that is not JSON is named, and rows are still compared: %s', async (_, keyOf) => {
    const key = keyOf();
    await store().put(key, 'garbage');
    world.workspace.workspace.remove('leads', String(world.workspace.rows('leads')[0]?.['id']));
    const found = await world.audit();
    expect(told(found)).toContain(`${key} is not JSON. Restore its previous version`);
    expect(differencesIn(found).deleted.filter((name) => name.startsWith('leads'))).toHaveLength(1);
  });

  it('that is missing before it expires is named', async () => {
    for (const key of store().keys('runs/')) await store().delete(key);
    const found = await world.audit();
    expect(verdictOf(found)).toBe('damaged');
    expect(told(found)).toContain(`such as below runs/${runId()}/`);
    world.clock.advance(29 * 24 * hour);
    expect((await world.audit()).files.missingRecords).toEqual([]);
  });

  it('of the watermarks can be lost: tables are compared with the help of the reports', async () => {
    await store().delete(pipelineStateKey);
    world.workspace.workspace.remove('campaigns', String(world.workspace.rows('campaigns')[0]?.['id']));
    expect(differencesIn(await world.audit()).deleted).toHaveLength(1);
    expect(pipelineState.safeParse(store().json(pipelineStateKey)).success).toBe(false);
  });

  it('of a chunk that extract converted itself counts like any other', async () => {
    expect(store().keys(convertReceiptsPrefix(runId()))).toEqual([]);
    await store().delete(firstOf('lake/campaigns/'));
    expect(auditData(await world.audit())).toMatchObject({ clean: false, verdict: 'differs', files: { lost: [{}] } });
  });
});

describe('if the API was not read to its end, no difference is claimed', () => {
  it('if its address cannot be reached', async () => {
    world.beforeRequest = () => {
      throw new UnavailableError('The API cannot be reached.');
    };
    const found = await world.audit();
    expect(verdictOf(found)).toBe('unfinished');
    expect(told(found)).toContain('leads: the comparison did not finish. The API cannot be reached.');
    const tables = found.tables.map((table) => ({ ...table, error: `${table.table}: the API answered 404.` }));
    expect(told({ ...found, tables })).toContain('leads: the comparison did not finish. The API answered 404.');
    expect(auditLines(found, inPipe).at(-1)).toContain(
      'No difference was found, but the comparison of 3 of 3 tables did not finish.',
    );
  });

  it('if the budget of requests is used up, but a difference found before is reported', async () => {
    expect(verdictOf(await world.audit({ mostRequests: 2 }))).toBe('unfinished');
    world.workspace.workspace.remove('campaigns', String(world.workspace.rows('campaigns')[0]?.['id']));
    const found = await world.audit({ mostRequests: 4 });
    expect(verdictOf(found)).toBe('differs');
    expect(auditLines(found, inPipe).at(-1)).toMatch(
      /The lake differs from the API, and the comparison of \d of 3 tables did not finish/,
    );
  });
});
