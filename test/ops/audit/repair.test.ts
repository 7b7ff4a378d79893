import { beforeEach, describe, expect, it } from 'vitest';
import { isClean } from '../../../ops/audit/verdict.ts';
import { AuditWorld, hour, toldBy } from '../../support/audit-world.ts';

/** How narrow a repair is, and what an audit passes over. */

const names = ['lead_messages', 'lead_activities', 'campaign_runs', 'import_errors', 'referrals'];
let world: AuditWorld;

beforeEach(async () => {
  world = new AuditWorld(names);
  await world.pipeline.run();
  world.clock.advance(hour);
});

const justBefore = () => new Date(world.clock.now().getTime() - hour - 1).toISOString();
const rowsOf = (table: string) => world.workspace.rows(table);
const first = (table: string) => String(rowsOf(table)[0]?.['id']);

async function auditAndRepair() {
  const found = await world.audit();
  const plan = world.planRepair(found);
  await world.repair(plan);
  const asked = world.asked;
  expect(isClean(await world.audit())).toBe(true);
  return { found, plan, asked };
}

describe('a repair', () => {
  it('makes a lost file again from its raw chunk, and asks the API for nothing', async () => {
    const { store } = world.pipeline;
    const [file = ''] = store.keys('lake/lead_activities/');
    const before = store.objects.get(file)?.body;
    await store.delete(file);
    const { found, plan, asked } = await auditAndRepair();
    expect(found.files.lost).toMatchObject([{ key: file, why: 'gone', convertible: true }]);
    expect(toldBy(found).missing.length).toBeGreaterThan(0);
    expect(plan.refresh).toBeUndefined();
    expect(asked).toEqual([]);
    expect(store.objects.get(file)?.body).toEqual(before);
  });

  it('makes a file again that was cut off or holds something else, of which it tells the rows as missing', async () => {
    const { store } = world.pipeline;
    const [cut = '', other = ''] = [...store.keys('lake/campaigns/'), ...store.keys('lake/leads/')];
    const size = (key: string) => store.objects.get(key)?.body.byteLength ?? 0;
    await store.put(cut, store.objects.get(cut)?.body.slice(0, 40) ?? '');
    await store.put(other, new Uint8Array(size(other)));
    const { found, asked } = await auditAndRepair();
    expect(found.files.lost.map(({ key, why }) => [key, why]).toSorted()).toEqual(
      [
        [cut, 'of another size'],
        [other, 'not readable'],
      ].toSorted(),
    );
    expect(asked).toEqual([]);
  });

  it('reads what a lost file held from the API where the raw chunk is lost too, and no other row', async () => {
    const { store } = world.pipeline;
    const file = store.keys('lake/lead_messages/')[0] ?? '';
    const raw = store.keys('raw/lead_messages/')[0] ?? '';
    await store.delete(file);
    await store.delete(raw);
    const { found, plan, asked } = await auditAndRepair();
    const parents = new Set(toldBy(found).missing.map((id) => id.replace('lead_messages: ', '').split('/')[0]));
    expect(asked.toSorted()).toEqual([...parents].map((id) => `/leads/${id}/messages`).toSorted());
    expect(plan.files).toEqual([]);
    const after = await world.audit();
    expect(after.files.lost).toMatchObject([{ key: file, convertible: false }]);
  });

  it('reads a stale lead by its id with what belongs to it', async () => {
    const id = first('leads');
    world.workspace.workspace.update('leads', id, { updated_at: justBefore() });
    const { asked } = await auditAndRepair();
    expect(asked.toSorted()).toEqual([`/leads/${id}`, `/leads/${id}/activities`, `/leads/${id}/messages`].toSorted());
  });

  it('marks a lead as deleted that the API no longer knows, and what belonged to it', async () => {
    const id = first('leads');
    const messages = rowsOf('lead_messages').filter((row) => row['lead_id'] === id).length;
    world.workspace.workspace.remove('leads', id);
    const { found, plan } = await auditAndRepair();
    expect(toldBy(found).ghost).toContain(`leads: ${id}`);
    expect(plan.refresh?.graves.filter(({ stream }) => stream.name === 'lead_messages')).toHaveLength(messages);
  });

  it('brings a row back that the API gives again while it is marked as deleted', async () => {
    const id = first('referrals');
    let hidden = true;
    const { workspace } = world.workspace;
    const row = workspace.find('referrals', id) ?? {};
    workspace.remove('referrals', id);
    const plan = world.planRepair(await world.audit());
    world.beforeRequest = () => {
      if (hidden) workspace.create('referrals', row);
      hidden = false;
    };
    await world.repair(plan);
    const found = await world.audit();
    expect(toldBy(found)).toEqual({ missing: [], stale: [], ghost: [] });
    expect(found.tables.find(({ table }) => table === 'referrals')?.lakeRows).toBe(
      new Set(rowsOf('referrals').map((row) => row['id'])).size,
    );
  });

  it('writes the rows of a run in pipeline_runs again', async () => {
    const { store } = world.pipeline;
    const file = store.keys('lake/pipeline_runs/').at(-1) ?? '';
    const before = store.objects.get(file)?.body;
    await store.delete(file);
    const found = await world.audit();
    expect(found.files.unlisted).toHaveLength(1);
    await auditAndRepair();
    expect(store.objects.get(file)?.body).toEqual(before);
  });
});

describe('an audit passes over', () => {
  it('files of older listings, which publish deletes', async () => {
    await world.night();
    const { store } = world.pipeline;
    const [oldest = ''] = store.keys('lake/campaigns/');
    await store.delete(oldest);
    expect(isClean(await world.audit())).toBe(true);
    await store.delete(store.keys('lake/campaigns/').at(-1) ?? '');
    expect(isClean(await world.audit())).toBe(false);
  });

  it('leads out of its bounds, with what belongs to them', async () => {
    const [lead] = rowsOf('leads').toSorted((a, b) => String(a['updated_at']).localeCompare(String(b['updated_at'])));
    const id = String(lead?.['id']);
    const changed = Date.parse(String(lead?.['updated_at']));
    for (const file of [
      ...world.pipeline.store.keys('lake/leads/'),
      ...world.pipeline.store.keys('lake/lead_messages/'),
    ])
      await world.pipeline.store.delete(file);
    const bounds = { from: changed, to: changed + 1 };
    const found = await world.audit({ streams: ['lead_messages'], bounds });
    const { missing } = toldBy(found);
    const messages = rowsOf('lead_messages').filter((row) => row['lead_id'] === id);
    expect(missing).toHaveLength(1 + messages.length);
    expect(missing).toContain(`leads: ${id}`);
  });

  it('a lead that has moved out of its bounds since it was read, which is stale and no ghost', async () => {
    const id = first('leads');
    const before = Date.parse(String(rowsOf('leads').find((row) => row['id'] === id)?.['updated_at']));
    world.workspace.workspace.update('leads', id, { updated_at: justBefore() });
    const found = await world.audit({ streams: ['leads'], bounds: { from: before, to: before + 1 } });
    expect(toldBy(found)).toEqual({ missing: [], stale: [`leads: ${id}`], ghost: [] });
  });

  it('leads that did not change since the start date', async () => {
    for (const file of world.pipeline.store.keys('lake/leads/')) await world.pipeline.store.delete(file);
    world.settings = { ...world.settings, startDate: world.clock.now().toISOString() };
    expect(toldBy(await world.audit({ streams: ['leads'] }))).toEqual({ missing: [], stale: [], ghost: [] });
  });

  it('personal data that is kept out of the lake, and compares the rest of a row without a time', async () => {
    world = new AuditWorld(names, { choice: { drop: ['quote', 'import_errors.message'], hash: [] } });
    await world.pipeline.run();
    world.clock.advance(hour);
    expect(isClean(await world.audit())).toBe(true);
  });

  it('a difference in no column that it knows to be kept, where nobody knows what is withheld', async () => {
    world.settings = { ...world.settings, personalData: undefined, retention: undefined };
    expect(isClean(await world.audit())).toBe(true);
  });
});
