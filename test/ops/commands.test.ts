/** Commands of `npx prospect-lake ops` on an in-memory workspace: what they say before they act, and what they then do. */

import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { UnauthorizedError, UnavailableError } from '../../lambdas/core/errors.ts';
import type { Intent, Outcome } from '../../ops/command.ts';
import { approveDeletions } from '../../ops/commands/approve-deletions.ts';
import { audit } from '../../ops/commands/audit.ts';
import { run } from '../../ops/commands/run.ts';
import { trace } from '../../ops/commands/trace.ts';
import type { Target } from '../../ops/target.ts';
import { AuditWorld, hour, noDifferences, wholeAudit } from '../support/audit-world.ts';
import { memoryTarget } from '../support/memory-target.ts';

const nobody = { table: undefined, id: undefined, request: undefined, chunk: undefined, run: undefined };
let world: AuditWorld;
let target: Target;

beforeEach(async () => {
  world = new AuditWorld(['lead_messages'], { leads: 60 });
  await world.load();
  target = memoryTarget(world);
});

const ids = () => world.workspace.rows('leads').map(({ id }) => String(id));
const remove = (count: number) => {
  for (const id of ids().slice(0, count)) world.workspace.workspace.remove('leads', id);
};

/** Runs a night that is due to read each list completely. */
function wholeReading() {
  world.clock.advance(8 * 24 * hour);
  return world.pipeline.run();
}

/** The same workspace as a folder on this machine. */
const local = (): Target => ({ ...target, local: { out: '../lake', isSimulated: true, isRunning: false } });

async function act(prepared: Intent | Outcome): Promise<Outcome> {
  return 'act' in prepared ? prepared.act() : prepared;
}

describe('approve-deletions', () => {
  it('deletes the rows that a night’s guard held back, with their children', async () => {
    remove(30);
    const report = await wholeReading();
    const run = report?.runId ?? '';
    expect(report?.tables['leads']?.error?.message).toContain(`approve-deletions --run ${run}`);
    const prepared = await approveDeletions.prepare(target, { run, althoughGiven: false });
    expect(prepared.lines.join('\n')).toMatch(/leads: The API no longer gave 3\d of the \d+ rows of leads/);
    expect(prepared.lines.join('\n')).toContain(
      'answer no and do so first: npx prospect-lake ops audit --stream leads says how many',
    );
    expect(prepared.lines.join()).toContain('The API is not asked: this command does not read the key');
    const done = await act(prepared);
    expect(done).toMatchObject({ data: { runId: run, tables: ['leads'] } });
    expect(done.lines.at(-1)).toContain('npx prospect-lake ops audit --stream leads --repair');
    expect(await world.differences()).toEqual(noDifferences);
  });

  it('of a folder asks the API for some of the rows by id first, and says that it no longer knows them', async () => {
    remove(30);
    const run = (await wholeReading())?.runId ?? '';
    world.asked = [];
    const prepared = await approveDeletions.prepare(local(), { run, althoughGiven: false });
    expect(world.asked).toHaveLength(16);
    expect(prepared.lines.join('\n')).toContain(
      'leads: of 15 of these rows, asked for by id, the API still gives 0 and no longer knows 15.',
    );
    const done = await act(prepared);
    expect(done).toMatchObject({ data: { deleted: 30 } });
    expect(done.lines[1]).toBe('Deleted: 30 leads.');
    expect(done.lines[2]).toMatch(/^Deleted because they belonged to deleted rows: \d+ lead_messages\.$/);
  });

  it('of a folder deletes no row that the API still gives by id, unless that is asked for', async () => {
    const hidden = new Set(ids().slice(0, 30));
    const list = z.looseObject({ data: z.array(z.looseObject({ id: z.coerce.string() })) });
    world.respell = (path, text) => {
      if (path !== '/leads') return text;
      const page = list.parse(JSON.parse(text));
      return JSON.stringify({ ...page, data: page.data.filter(({ id }) => !hidden.has(id)) });
    };
    const run = (await wholeReading())?.runId ?? '';
    const refused = await approveDeletions.prepare(local(), { run, althoughGiven: false });
    expect(refused).toMatchObject({ ok: false, data: { deleted: 0, answers: [{ name: 'leads', stillGiven: 15 }] } });
    expect(refused.lines.join('\n')).toContain('the API still gives 15 and no longer knows 0.');
    const knowingly = await approveDeletions.prepare(local(), { run, althoughGiven: true });
    expect(knowingly.lines.join('\n')).toContain('the API still gives 15');
    expect(knowingly.lines.join('\n')).toContain('The API is not asked for the others.');
    expect(knowingly.lines.at(-1)).toContain('from leads, and the rows that belong to them from lead_messages. The');
    expect(await act(knowingly)).toMatchObject({ data: { deleted: 30 } });
  });

  it('says how old held deletions are that a later night has passed, and does not delete by them once the list is whole', async () => {
    const list = z.looseObject({ data: z.array(z.unknown()) });
    world.respell = (path, text) =>
      path === '/leads' ? JSON.stringify({ ...list.parse(JSON.parse(text)), data: [] }) : text;
    world.clock.advance(8 * 24 * hour);
    // Half a minute passes between the tick of the schedule and the start of the run.
    const scheduledAt = new Date(world.clock.now().getTime() - 30_000).toISOString();
    const run = (await world.pipeline.run({ scheduledAt }))?.runId ?? '';
    const fresh = (await approveDeletions.prepare(target, { run, althoughGiven: false })).lines.join('\n');
    expect(fresh).toMatch(/^That was \d+ s ago\.$/m);
    world.respell = (_, text) => text;
    world.clock.advance(2 * 24 * hour);
    const night = await world.pipeline.run();
    expect(night?.tables['leads']?.error).toBeNull();
    const prepared = await approveDeletions.prepare(target, { run, althoughGiven: false });
    expect(prepared.lines.join('\n')).toContain(
      `That was 2 d ago. ${night?.runId} has read leads since, perhaps only the changes.`,
    );
    expect(await approveDeletions.prepare(local(), { run, althoughGiven: false })).toMatchObject({
      ok: false,
      data: { deleted: 0, answers: [{ name: 'leads', gone: 0 }] },
    });
  });

  it('of rows that the API does not give by id says how to tell a broken list from a deletion', async () => {
    world.clock.advance(24 * hour);
    const list = z.looseObject({ data: z.array(z.unknown()) });
    world.respell = (path, text) =>
      path.endsWith('/messages') ? JSON.stringify({ ...list.parse(JSON.parse(text)), data: [] }) : text;
    const report = await world.pipeline.run({ fullRefresh: true });
    expect(report?.tables['lead_messages']?.error?.message).toContain(
      'The API gives no row of lead_messages by its id, so an audit reads the same lists again and cannot tell a broken one from a deletion: compare the lead_messages of a few rows of leads in ProspectB2B. Nothing was deleted.',
    );
    const prepared = await approveDeletions.prepare(target, { run: report?.runId ?? '', althoughGiven: false });
    const outcome = await act(prepared);
    expect(outcome.lines).toContain(
      'The API gives no row of lead_messages by its id: they come back only once the lists give them again.',
    );
    expect(prepared.lines.join('\n')).not.toContain('audit --stream');
  });

  it('refuses a run that holds nothing back', async () => {
    const run = world.pipeline.reports.at(-1)?.runId ?? '';
    await expect(approveDeletions.prepare(target, { run, althoughGiven: false })).rejects.toThrow(
      `The run '${run}' holds no deletions back. npx prospect-lake ops status names those that do.`,
    );
    await expect(
      approveDeletions.prepare(target, { run: 'nightly-20200101T000000000Z', althoughGiven: false }),
    ).rejects.toThrow('has no report, and was started by no export');
  });
});

describe('audit', () => {
  it('compares no table that the configuration, or the last start of the folder, switches off', async () => {
    const configured = { requestsPerMinute: 60, personalData: { drop: [], hash: [] }, retention: { rawDays: 30 } };
    const tablesOf = async (of: Partial<Target>, stream?: string[]) => {
      const prepared = await audit.prepare({ ...target, ...of }, { ...wholeAudit, stream, allTables: true });
      const { tables } = z
        .object({ tables: z.array(z.object({ table: z.string() })) })
        .parse('act' in prepared || prepared.data);
      return tables.map(({ table }) => table);
    };
    const off = { configured: { ...configured, streams: ['leads'] } };
    expect(await tablesOf({ configured: { ...configured, streams: 'all' } })).toEqual(['leads', 'lead_messages']);
    expect(await tablesOf(off)).toEqual(['leads']);
    expect(
      await tablesOf({ local: { out: '../lake', isSimulated: true, isRunning: false, streams: ['leads'] } }),
    ).toEqual(['leads']);
    expect(await tablesOf(off, ['lead_messages'])).toEqual(['leads', 'lead_messages']);
  });

  it.each([
    ['the key is refused', () => new UnauthorizedError('The key is bad.')],
    ['the API does not answer', () => new UnavailableError('No answer.')],
  ])('has the exit status 2 if %s, because it could not look', async (_, error) => {
    world.beforeRequest = () => {
      throw error();
    };
    await expect(audit.prepare(target, wholeAudit)).rejects.toMatchObject({ name: 'UsageError', exitCode: 2 });
  });

  it('sends no request if the estimate exceeds its budget', async () => {
    world.asked = [];
    await expect(audit.prepare(target, { ...wholeAudit, requests: 40 })).rejects.toThrow(
      'This takes about 61 requests to the API, 1 min 1 s at 60 a minute. That is more than --requests 40 allows. Allow more, or compare fewer tables with --stream.',
    );
    expect(world.asked).toEqual([]);
  });

  it('compares nothing if the key belongs to another workspace than the tables', async () => {
    world.asked = [];
    world.respell = (path, text) => (path === '/me' ? JSON.stringify({ data: { tenant: { id: 'another' } } }) : text);
    await expect(audit.prepare(target, { ...wholeAudit, repair: true })).rejects.toThrow(
      'The API key belongs to another workspace than the tables.',
    );
    expect(world.asked).toEqual(['/me']);
  });

  it('says what a repair will read, repairs, and audits again', async () => {
    remove(1);
    const prepared = await audit.prepare(target, { ...wholeAudit, repair: true });
    expect(prepared.lines).toEqual(
      expect.arrayContaining(['To repair workspace main:', expect.stringMatching(/Reads 1 row of leads by id/)]),
    );
    expect(await act(prepared)).toMatchObject({ ok: true, data: { clean: true, verdict: 'clean' } });
  });

  it('leaves a repair whose deletions are still to be confirmed to a later audit', async () => {
    remove(1);
    const settle = async () => {
      const [, runId = ''] = (world.pipeline.store.keys('runs/backfill-')[0] ?? '').split('/');
      await world.pipeline.finish(runId);
    };
    const outcome = await act(await audit.prepare({ ...target, settle }, { ...wholeAudit, repair: true }));
    expect(outcome).toMatchObject({ ok: false, data: { underWay: true } });
    expect(outcome.lines.join()).toMatch(/asked for once more before it is deleted, by confirm-\w+-\w+\. Audit again/);
  });

  it('repairs nothing while a current table cannot be read', async () => {
    const key = world.pipeline.store.keys('current/lead_messages/metadata/v').at(-1) ?? '';
    await world.pipeline.store.put(key, 'garbage');
    remove(1);
    const outcome = await audit.prepare(target, { ...wholeAudit, repair: true });
    expect(outcome).toMatchObject({ ok: false, data: { verdict: 'differs' } });
    expect(outcome.lines.at(-1)).toBe(`Nothing is repaired while ${key} cannot be read.`);
  });
});

describe('run', () => {
  it('starts nothing while a run is under way, and says so', async () => {
    const { store } = world.pipeline;
    const state = pipelineState.parse(store.json(pipelineStateKey));
    const startedAt = world.clock.now().toISOString();
    const runId = 'nightly-20261126T020000000Z';
    const underWay = { [runId]: { startedAt, deadline: startedAt, streams: ['leads'] } };
    await store.put(pipelineStateKey, JSON.stringify({ ...state, underWay }));
    expect(await run.prepare(target, { fullRefresh: false })).toEqual({
      lines: [
        expect.stringMatching(
          /^Run nightly-\w+ is under way since [\d:]+ UTC \(just now\), so none is started\. How it goes: npx prospect-lake ops status$/,
        ),
      ],
      data: { runId, started: false, report: null },
    });
  });
});

it('a command that names another one gives it the flags of the folder', async () => {
  await expect(
    approveDeletions.prepare(local(), { run: 'nightly-20260101T020000000Z', althoughGiven: false }),
  ).rejects.toThrow('npx prospect-lake ops status --local --out ../lake names those that do.');
});

describe('trace', () => {
  it('of an e-mail address names the query that finds the id', async () => {
    const local = { out: '../lake', isSimulated: true, isRunning: false };
    const named = { ...nobody, table: 'leads', id: 'ada@example.com' };
    const { lines } = await trace.read({ ...target, local }, named);
    expect(lines).toEqual([
      'No file of leads has the row ada@example.com.',
      'A row is traced by its id. To find the id:',
      `  npx prospect-lake query "SELECT id FROM leads WHERE email = 'ada@example.com'" --out ../lake`,
    ]);
    expect((await trace.read(target, named)).lines.at(-1)).toBe(
      "  SELECT id FROM leads WHERE email = 'ada@example.com', in Athena",
    );
  });

  it('still knows the run and the request of a current row whose history has expired', async () => {
    const [id = ''] = ids();
    const before = await trace.read(target, { ...nobody, table: 'leads', id });
    expect(before.lines.join('\n')).toContain(', current\n');
    for (const key of world.pipeline.store.keys('lake/leads/')) await world.pipeline.store.delete(key);
    const { lines, data } = await trace.read(target, { ...nobody, table: 'leads', id });
    expect(data).toMatchObject([{ id, current: true, file: null, chunk: null, requestId: expect.any(String) }]);
    expect(lines.join('\n')).toContain('file     expired: only the current table has this version');
  });

  it('folds the versions of a row that was read again unchanged several times into one line', async () => {
    const [id = ''] = ids();
    for (let nights = 0; nights < 3; nights += 1) await wholeReading();
    const { lines, data } = await trace.read(target, { ...nobody, table: 'leads', id });
    expect(z.array(z.unknown()).parse(data)).toHaveLength(5);
    expect(lines.filter((line) => line.includes(id))).toEqual([
      expect.stringContaining(', current'),
      expect.stringMatching(
        /read again unchanged 4 times, last at this time, so the earlier version is still the current one; --json has each$/,
      ),
    ]);
  });

  it('says of a row that was read again unchanged which version is the current one', async () => {
    const [id = ''] = ids();
    await wholeReading();
    const { lines, data } = await trace.read(target, { ...nobody, table: 'leads', id });
    expect(z.array(z.unknown()).parse(data).at(-1)).toMatchObject({ current: false, changedColumns: [] });
    expect(lines.at(-1)).toMatch(/read again unchanged 2 times, .*, so the earlier version is still the current one;/);
  });

  it('names the columns of a version that only the current table still has', async () => {
    const [id = ''] = ids();
    world.workspace.workspace.update('leads', id, { title: 'Other' });
    const { store } = world.pipeline;
    const before = new Set(store.keys('lake/leads/'));
    await world.pipeline.run();
    for (const key of store.keys('lake/leads/')) if (!before.has(key)) await store.delete(key);
    const { data } = await trace.read(target, { ...nobody, table: 'leads', id });
    expect(z.array(z.unknown()).parse(data).at(-1)).toMatchObject({
      file: null,
      changedColumns: ['updated_at', 'title'],
    });
  });

  it('distinguishes the current version from earlier ones, and from a deletion', async () => {
    const [id = ''] = ids();
    world.workspace.workspace.update('leads', id, { title: 'Other' });
    await world.pipeline.run();
    const changed = await trace.read(target, { ...nobody, table: 'leads', id });
    const versions = z.array(z.object({ current: z.boolean() })).parse(changed.data);
    expect(versions.length).toBeGreaterThan(1);
    expect(versions.map(({ current }) => current)).toEqual([...versions.slice(1).map(() => false), true]);
    expect(changed.data).toMatchObject([
      { changedColumns: null },
      { changedColumns: [] },
      { changedColumns: ['updated_at', 'title'] },
    ]);
    expect(changed.lines).toContain('  columns  changed: updated_at, title');
    expect(changed.lines.join()).not.toContain('Other');
    world.workspace.workspace.remove('leads', id);
    await wholeReading();
    await world.pipeline.settle();
    const { data, lines } = await trace.read(target, { ...nobody, table: 'leads', id });
    expect(data).not.toContainEqual(expect.objectContaining({ current: true }));
    expect(lines.join('\n')).toContain('found deleted');
  });
});
