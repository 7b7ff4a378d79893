import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  localPageKey,
  pageKey,
  pageStateKey,
  prefixes,
  reportKey,
  rewriteWorkKey,
} from '../../../lambdas/contract/object-keys.ts';
import { html } from '../../../lambdas/core/page/html.ts';
import { pingPublish } from '../../../lambdas/core/runs/ping-publish.ts';
import { totalsOf } from '../../../lambdas/core/runs/run-totals.ts';
import { writeJson } from '../../../lambdas/core/store/stored-json.ts';
import { auditLines } from '../../../ops/audit/audit-lines.ts';
import { audit } from '../../../ops/commands/audit.ts';
import { forget } from '../../../ops/commands/forget.ts';
import { trace } from '../../../ops/commands/trace.ts';
import { inPipe, wholeAudit } from '../../support/audit-world.ts';
import { ForgetWorld, person, personTexts } from '../../support/forget-world.ts';
import { memoryTarget } from '../../support/memory-target.ts';
import { objectsHolding } from '../../support/person-search.ts';

let world: ForgetWorld;
beforeEach(async () => {
  world = new ForgetWorld();
  await world.plant();
});

const holding = () => objectsHolding(world.pipeline.store, personTexts);

describe('a person who is forgotten', () => {
  it('stood in every place before, and stands in none after', async () => {
    const { store } = world.pipeline;
    for (const key of [pageKey, localPageKey]) await store.put(key, html`<td>${person.id}</td>`.text);
    await writeJson(store, pageStateKey, { counted: { leads: { edges: [{ id: person.id }, { id: 'lead_1' }] } } });
    const before = await holding();
    expect(before).toContain(pageStateKey);
    const places = new Set(before.map((key) => key.split('/').slice(0, 2).join('/')));
    expect([...places]).toEqual(
      expect.arrayContaining([
        'current/child_reads',
        'current/inbox_messages',
        'current/leads',
        'lake/lead_exports',
        'lake/rejected_rows',
        'lake/webhook_events',
        'raw/lead_exports',
        'raw/leads',
        'raw/support_tickets',
      ]),
    );
    expect(before.some((key) => key.startsWith('runs/'))).toBe(true);
    const others = await world.otherRows();
    const receipt = await world.forget();
    expect(await holding()).toEqual([]);
    expect([await store.get(pageKey), await store.get(localPageKey)]).toEqual([undefined, undefined]);
    expect(receipt.touched['pages']).toEqual({ objects: 1, removed: 0, changed: 1 });
    expect(await world.otherRows()).toEqual(expect.arrayContaining(others));
    expect(JSON.stringify(receipt)).not.toContain(person.id);
    expect(receipt.subjects).toEqual({ leads: 1, inbox_threads: 1 });
  });

  it('does not come back with the nights, events and exports that follow', async () => {
    await world.forget();
    for (let night = 0; night < 9; night += 1) await world.night();
    await world.event({ event: 'lead.updated', data: { id: person.id } });
    const form = Buffer.from(`id=${person.threadId}`, 'latin1').toString('base64');
    await world.event({ event: 'campaign.updated', text: JSON.stringify({ _bytes: form }) });
    await world.loadExport();
    const ended = world.pipeline.reports.findLast(({ kind }) => kind === 'export');
    expect(ended?.forgotten).toMatchObject({
      stillGiven: 2,
      stillGivenIn: expect.arrayContaining(['leads', 'inbox_threads']),
    });
    // Rows of other tables may quote the person. They are not deleted, because the API still returns them.
    const quoting = /support_tickets|rejected_rows/;
    expect((await holding()).filter((key) => !quoting.test(key))).toEqual([]);
    // Logs, reports and notices have not named the person either, from the first night on.
    const { log, problems, announced, metrics, reports } = world.pipeline;
    const told = [log.lines, problems, announced, [...metrics.counts], reports].map((one) => JSON.stringify(one));
    const spelled = personTexts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
    expect(log.lines.length).toBeGreaterThan(50);
    expect(told.filter((text) => spelled.some((one) => text.includes(one)))).toEqual([]);
  });

  it('is found by an address in any spelling, with everybody else who has it', async () => {
    const { workspace } = world.workspace;
    workspace.create('leads', { id: 'lead_with_same_address', email: ` ${person.address.toLowerCase()}` });
    await world.night();
    const receipt = await world.forget({ addresses: [person.address.toUpperCase()] });
    expect(receipt.subjects).toEqual({ leads: 2, inbox_threads: 1 });
    expect(await holding()).toEqual([]);
  });

  it('is named by its id before the question: the confirmation needs the id, and nothing keeps it', async () => {
    const intent = await forget.prepare(memoryTarget(world), forget.input.parse({ email: [person.address] }));
    expect(intent.lines).toContain(`  leads  ${person.id}`);
    expect(intent.lines.join()).toContain('Keep them: --confirm needs them');
  });

  it('keeps an address that somebody else has, if only the id was named', async () => {
    const { workspace } = world.workspace;
    workspace.create('leads', { id: 'lead_with_same_address', email: person.address });
    await world.night();
    expect((await world.forget()).subjects).toEqual({ leads: 1, inbox_threads: 1 });
    const leads = await world.pipeline.rows('leads');
    expect(leads.find(({ id }) => id === 'lead_with_same_address')?.['email']).toBe(person.address);
  });

  it('is one of many in a file of ids and addresses', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'forget-')), 'requests.txt');
    const [other] = (await world.pipeline.rows('leads')).filter(({ id }) => id !== person.id);
    writeFileSync(file, `${person.address}\r\n\n ${String(other?.['id'])}\n`);
    const intent = await forget.prepare(memoryTarget(world), forget.input.parse({ file }));
    expect(intent.lines.join('\n')).toContain('Forgets in workspace main: 2 of leads, 1 of inbox_threads');
    rmSync(dirname(file), { recursive: true });
  });

  it('is not looked for, and nothing is done, if no lead has what is named', async () => {
    // An unknown id, an id in other letters, a row of another table, and an address of nobody.
    const named = [{ id: ['lead_of_nobody'] }, { id: [person.id.toUpperCase()] }, { id: ['thread_1'] }];
    for (const one of [...named, { email: ['nobody@example.test'] }]) {
      const outcome = await forget.prepare(memoryTarget(world), forget.input.parse(one));
      expect(outcome).toMatchObject({ ok: false, data: { unknown: 1 } });
      expect(outcome.lines).toContain(Object.values(one).flat()[0]);
    }
  });

  it('is half forgotten after an interruption: an audit says how to go on, and calls no file damaged', async () => {
    const target = memoryTarget(world);
    const begun = { id: 'forget', command: 'forget', startedAt: '2026-11-24T02:00:00.000Z', lot: [], done: {} };
    await writeJson(world.pipeline.store, rewriteWorkKey, begun);
    await expect(audit.prepare(target, wholeAudit)).rejects.toThrow(
      'The forget of 2026-11-24T02:00:00.000Z is not finished. First run: npx prospect-lake ops forget',
    );
  });

  it('is removed in one pass, although the id of another lead begins with the same characters', async () => {
    const { workspace } = world.workspace;
    for (const id of ['lead_12345', 'lead_123456']) workspace.create('leads', { id });
    await world.night();
    const { touched } = await world.forget({ ids: ['lead_12345'] });
    expect(touched['current/leads']).toEqual({ objects: 1, removed: 1, changed: 0 });
    expect((await world.pipeline.rows('leads')).map(({ id }) => id)).toContain('lead_123456');
  });

  it('is announced with the numbers of the current tables that its receipt tells', async () => {
    const target = memoryTarget(world);
    const intent = await forget.prepare(target, forget.input.parse({ id: [person.id] }));
    const { touched } = await world.forget();
    const { removed = 0 } = touched['current/leads'] ?? {};
    expect(removed).toBeGreaterThan(0);
    expect(intent.lines.find((line) => line.startsWith('current/leads'))).toMatch(
      new RegExp(`^current/leads +1 +${removed} +0$`),
    );
  });

  it('is looked for in every object, as the progress counts them, also after a survey has found most without the person', async () => {
    const counts: number[] = [];
    await world.forget(undefined, { onProgress: (objects) => counts.push(objects) });
    let stored = 0;
    for (const prefix of [prefixes.raw, prefixes.lake, prefixes.runs])
      for await (const _ of world.pipeline.store.list(prefix)) stored += 1;
    expect(counts.at(-1)).toBeGreaterThanOrEqual(stored);
  });

  it('has a receipt that names a day for earlier versions only if the store keeps any', async () => {
    expect(await world.forget(undefined, { keepsVersions: false })).not.toHaveProperty('versionsExpireOn');
    expect(await world.forget()).toHaveProperty('versionsExpireOn');
  });

  it('changes no number of an earlier run, also if its report is written again', async () => {
    const { store, queues, reports } = world.pipeline;
    const before = new Map(reports.map((report) => [report.runId, report]));
    await world.forget();
    for (const [runId, report] of before) {
      await writeJson(store, reportKey(runId), { ...report, status: 'partial', basis: 'another' });
      await pingPublish([{ runId }], queues.queue('publish'));
      await world.pipeline.settle();
      const after = reports.at(-1);
      expect(after?.runId).toBe(runId);
      expect(after && totalsOf(after)).toEqual(totalsOf(report));
    }
  });

  it('is no damage to an audit', async () => {
    await world.forget();
    const found = await world.audit();
    expect(found.files).toMatchObject({ lost: [], foreign: [], missingRecords: [], unlisted: [] });
    expect([...found.damage]).toEqual([]);
    expect(found.tables.flatMap(({ differences }) => differences)).toEqual([]);
    expect(auditLines(found, inPipe).join('\n')).toContain(
      'leads: the API still gives 1 row of persons who were forgotten',
    );
  });

  it('can be named again: the command says when it was forgotten, and does nothing', async () => {
    await world.forget();
    const named = forget.input.parse({ id: [person.id] });
    expect(await forget.prepare(memoryTarget(world), named)).toEqual({
      lines: [`${person.id} was forgotten on 2026-11-26.`, 'Nothing was done.'],
      data: { unknown: 0 },
      ok: true,
    });
  });

  it('is traced to the day on which it was forgotten', async () => {
    await world.forget();
    const nobody = { table: undefined, id: undefined, request: undefined, chunk: undefined, run: undefined };
    const { lines, ok } = await trace.read(memoryTarget(world), { ...nobody, table: 'leads', id: person.id });
    expect([lines, ok]).toEqual([['This row of leads was forgotten on 2026-11-26.'], undefined]);
    const [chunk = ''] = world.pipeline.store.keys('raw/leads/');
    const ofChunk = await trace.read(memoryTarget(world), { ...nobody, chunk });
    expect(ofChunk.lines.join('\n')).toMatch(/line \d+  leads forgotten on 2026-11-26/);
  });
});
