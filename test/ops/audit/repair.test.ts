/** What a repair reads, which is only what it needs, and what an audit skips. */

import { beforeEach, describe, expect, it } from 'vitest';
import { createColumnMask } from '../../../lambdas/core/rows/mask-columns.ts';
import { auditLines } from '../../../ops/audit/audit-lines.ts';
import { verdictOf } from '../../../ops/audit/verdict.ts';
import { AuditWorld, hour, noDifferences, differencesIn, inPipe } from '../../support/audit-world.ts';

const names = ['lead_messages', 'lead_activities', 'campaign_runs', 'import_errors', 'referrals'];
let world: AuditWorld;

beforeEach(async () => {
  world = new AuditWorld(names);
  await world.load();
});

const justBefore = () => new Date(world.clock.now().getTime() - 25 * hour).toISOString();
const rowsOf = (table: string) => world.workspace.rows(table);
const first = (table: string) => String(rowsOf(table)[0]?.['id']);

async function auditAndRepair() {
  const found = await world.audit();
  const reports = await world.repair(world.planRepair(found));
  const asked = new Set(world.asked);
  expect(auditLines(await world.audit(), inPipe).at(-1)).toContain('The lake matches the API.');
  return { found, asked, reports };
}

describe('a repair', () => {
  it('reads a different lead by id with its children, and no other row', async () => {
    const id = first('leads');
    world.workspace.workspace.update('leads', id, { updated_at: justBefore() });
    const { asked } = await auditAndRepair();
    expect(asked).toEqual(new Set([`/leads/${id}`, `/leads/${id}/activities`, `/leads/${id}/messages`]));
  });

  it('reads the children of a parent with a different child', async () => {
    const [message] = rowsOf('lead_messages');
    world.workspace.workspace.update('lead_messages', String(message?.['id']), {
      changed: 1,
      updated_at: justBefore(),
    });
    const { asked } = await auditAndRepair();
    expect(asked).toEqual(new Set([`/leads/${String(message?.['lead_id'])}/messages`]));
  });

  it('deletes a lead that the API no longer knows, with its children, once a second request agrees', async () => {
    const id = first('leads');
    world.workspace.workspace.remove('leads', id);
    const { found, asked, reports } = await auditAndRepair();
    expect(differencesIn(found).deleted).toContain(`leads: ${id}`);
    // The second request comes with three leads that exist: if none of them were found, the lead would stay.
    expect([asked.size, asked.has(`/leads/${id}`)]).toEqual([4, true]);
    expect(reports[0]?.confirmRunId).toBeDefined();
  });

  it('deletes nothing that the API returns in a second request', async () => {
    const id = first('referrals');
    const { workspace } = world.workspace;
    const row = workspace.find('referrals', id) ?? {};
    workspace.remove('referrals', id);
    const planned = world.planRepair(await world.audit());
    let asked = 0;
    world.beforeRequest = () => {
      asked += 1;
      if (asked === 2) workspace.create('referrals', row);
    };
    await world.repair(planned);
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(differencesIn(await world.audit())).toEqual(noDifferences);
  });

  it('holds back more deletions than the guard allows, and says how to approve them', async () => {
    world = new AuditWorld(['leads'], { leads: 60 });
    await world.load();
    for (const { id } of rowsOf('leads').slice(0, 30)) world.workspace.workspace.remove('leads', String(id));
    const found = await world.audit();
    expect(differencesIn(found).deleted).toHaveLength(30);
    const [report] = await world.repair(world.planRepair(found));
    expect(report?.tables['leads']?.error).toMatchObject({
      code: 'deletions_held',
      message: expect.stringContaining(`approve-deletions --run ${report?.runId}`),
    });
    await world.pipeline.approve(report?.runId ?? '');
    expect(verdictOf(await world.audit())).toBe('clean');
  });
});

describe('an audit ignores', () => {
  it('leads outside its bounds, with their children', async () => {
    const [lead] = rowsOf('leads').toSorted((a, b) => String(a['updated_at']).localeCompare(String(b['updated_at'])));
    const changed = Date.parse(String(lead?.['updated_at']));
    for (const table of ['leads', 'lead_messages'])
      for (const key of world.pipeline.store.keys(`current/${table}/`)) await world.pipeline.store.delete(key);
    const bounds = { from: changed, to: changed + 1 };
    const { missing } = differencesIn(await world.audit({ streams: ['lead_messages'], bounds }));
    const messages = rowsOf('lead_messages').filter((row) => row['lead_id'] === lead?.['id']);
    expect(missing).toHaveLength(1 + messages.length);
    expect(missing).toContain(`leads: ${String(lead?.['id'])}`);
  });

  it('that a lead has moved out of its bounds: it is different, not deleted', async () => {
    const id = first('leads');
    const before = Date.parse(String(rowsOf('leads').find((row) => row['id'] === id)?.['updated_at']));
    world.workspace.workspace.update('leads', id, { updated_at: justBefore() });
    const found = await world.audit({ streams: ['leads'], bounds: { from: before, to: before + 1 } });
    expect(differencesIn(found)).toEqual({ ...noDifferences, different: [`leads: ${id}`] });
  });

  it('leads that have not changed since the start date', async () => {
    for (const key of world.pipeline.store.keys('current/leads/')) await world.pipeline.store.delete(key);
    world.settings = { ...world.settings, startDate: world.clock.now().toISOString() };
    expect(differencesIn(await world.audit({ streams: ['leads'] }))).toEqual(noDifferences);
  });

  it('the masking of personal data: it compares what the API returned', async () => {
    const mask = createColumnMask({ drop: ['quote', 'import_errors.message', 'email'], hash: [] }, undefined);
    world = new AuditWorld(names, { mask });
    await world.load();
    expect(verdictOf(await world.audit())).toBe('clean');
    world.workspace.workspace.update('leads', first('leads'), { email: 'a@b.example', updated_at: justBefore() });
    expect(differencesIn(await world.audit()).different).toHaveLength(1);
  });

  it('how a row is spelt in a list and in a request by id', async () => {
    world.respell = (path, text) => (path === '/leads' ? text.replaceAll('{"id"', '{ "id"') : text);
    expect(verdictOf(await world.audit({ streams: ['leads'] }))).toBe('clean');
    expect(world.asked).toContain(`/leads/${first('leads')}`);
  });
});
