import { expect, it } from 'vitest';
import { ChangingVendor } from '../support/changing-vendor.ts';
import { LargeWorkspace } from '../support/large-workspace.ts';
import { MemoryPipeline } from '../support/memory-pipeline.ts';

const hour = 3_600_000;
/** `FIRST_LOAD_LEADS=400000` loads that many leads in nights of eight hours, which takes minutes. */
const given = Number(process.env['FIRST_LOAD_LEADS'] ?? 0);
const scale = given
  ? { leads: given, pageSize: 100, deadlineHours: 8 }
  : { leads: 400, pageSize: 4, deadlineHours: 75 / 3_600 };

it('a first load that a night is too short for goes on for as many nights as it needs, and asks for nothing twice', {
  timeout: given ? 7_200_000 : 120_000,
}, async () => {
  const workspace = new LargeWorkspace(scale);
  const { clock, asked } = workspace;
  const { pageSize, deadlineHours, leads } = scale;
  const pipeline = new MemoryPipeline({
    clock,
    streams: ['lead_messages'],
    api: () => workspace.api(),
    pageSize,
    deadlineHours,
    // So long that nothing is reread, except the list of leads once after the first load.
    settings: { rereadDays: 10_000, childRereadDays: 10_000 },
  });
  const nights: string[] = [];
  for (let isOver = false; !isOver; ) {
    const began = clock.now().getTime();
    const report = await pipeline.run();
    nights.push(report?.status ?? 'none');
    for (const { error } of Object.values(report?.tables ?? {}))
      expect(error?.code ?? 'unfinished').toMatch(/unfinished|parent_failed/);
    isOver = report?.status === 'complete';
    expect(nights.length).toBeLessThan(40);
    clock.advance(Math.max(0, began + 24 * hour - clock.now().getTime()));
  }
  expect(nights.length).toBeGreaterThan(4);
  const timesOf = (path: RegExp) => new Set([...asked].flatMap(([name, count]) => (path.test(name) ? [count] : [])));
  expect(timesOf(/messages/)).toEqual(new Set([1]));
  expect(timesOf(/^\/leads \d*$/)).toEqual(new Set([2]));
  expect(asked.size).toBe(leads + Math.ceil(leads / pageSize));
  expect(await pipeline.rows('leads')).toHaveLength(leads);
  expect(await pipeline.rows('lead_messages')).toHaveLength(leads);
  if (given)
    process.stdout.write(`${leads} leads: ${nights.length} nights, ${asked.size} requests, ${nights.join(' ')}\n`);
});

it('a first load whose deadline passes while children are read goes on with the others, and asks for none twice', async () => {
  const vendor = new ChangingVendor(['lead_messages'], { deadlineHours: 1 }).withMessages(150);
  const asked: string[] = [];
  vendor.interfere = ({ path, pathParameters }) => {
    vendor.clock.advance(60_000);
    if (path.endsWith('/messages')) asked.push(pathParameters['lead_id'] ?? '');
  };
  const nights = [await vendor.night(), await vendor.night(), await vendor.night()];
  expect(nights.map(({ status }) => status)).toEqual(['partial', 'partial', 'complete']);
  expect(await vendor.ids('lead_messages')).toHaveLength(150);
  expect([asked.length, new Set(asked).size]).toEqual([150, 150]);
});
