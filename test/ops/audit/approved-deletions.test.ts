/** An approval deletes rows that the API may still give: the audit finds them by id, and its repair restores them. */

import { beforeEach, describe, expect, it } from 'vitest';
import { auditLines } from '../../../ops/audit/audit-lines.ts';
import { Damage } from '../../../ops/lake/damage.ts';
import { approvedRows } from '../../../ops/status/approved-rows.ts';
import { verdictOf } from '../../../ops/audit/verdict.ts';
import { AuditWorld, differencesIn, hour, inPipe, noDifferences } from '../../support/audit-world.ts';

let world: AuditWorld;
let run: string;
const leads = () => world.workspace.rows('leads').map(({ id }) => String(id));

/** The list of leads lacks 30 of 40 rows, and a person has approved their deletion. */
beforeEach(async () => {
  world = new AuditWorld(['lead_messages'], { leads: 40 });
  await world.load();
  const listed = new Set(leads().slice(0, 10));
  world.respell = (path, text) => {
    if (path !== '/leads') return text;
    const { data, ...rest } = JSON.parse(text) as { data: { id: string }[] };
    return JSON.stringify({ ...rest, data: data.filter(({ id }) => listed.has(id)) });
  };
  world.clock.advance(8 * 24 * hour);
  const report = await world.pipeline.run();
  run = report?.runId ?? '';
  await world.pipeline.approve(run);
});

describe('after an approval, while the list still lacks the rows', () => {
  it('the audit finds the deleted rows that the API gives by id, and its repair reads them and their children', async () => {
    const found = await world.audit({ streams: ['lead_messages'] });
    expect(differencesIn(found).missing.filter((text) => text.startsWith('leads:'))).toHaveLength(30);
    expect(auditLines(found, inPipe).join('\n')).toContain(
      `leads: the API gives by id 30 rows that the lake deleted on approval of ${run}.`,
    );
    expect(differencesIn(found)).toEqual(await world.differences());
    expect(verdictOf(found)).toBe('differs');
    await world.repair(world.planRepair(found));
    expect(await world.differences()).toEqual(noDifferences);
    expect(verdictOf(await world.audit())).toBe('clean');
    const [approved] = await approvedRows(world.pipeline.reports, world.pipeline, new Damage());
    expect(approved).toMatchObject({
      runId: run,
      tables: [{ name: 'leads', deleted: 30, back: 30 }, { back: expect.any(Number) }],
    });
    expect(approved?.tables.every(({ deleted, back }) => back === deleted)).toBe(true);
  });

  it('status counts what was deleted, and that nothing of it is back', async () => {
    const [approved] = await approvedRows(world.pipeline.reports, world.pipeline, new Damage());
    expect(approved?.tables.map(({ back }) => back)).toEqual([0, 0]);
  });

  it('status no longer tells the approval once another night has ended', async () => {
    world.clock.advance(24 * hour);
    await world.pipeline.run();
    expect(await approvedRows(world.pipeline.reports, world.pipeline, new Damage())).toEqual([]);
  });

  it('the audit says nothing of deleted rows that the API does not give either', async () => {
    const [first = ''] = leads().slice(-1);
    world.workspace.workspace.remove('leads', first);
    const found = await world.audit({ streams: ['leads'] });
    expect(differencesIn(found).missing).toHaveLength(29);
    for (const id of leads().slice(10)) world.workspace.workspace.remove('leads', id);
    expect(differencesIn(await world.audit({ streams: ['leads'] }))).toEqual(noDifferences);
  });
});
