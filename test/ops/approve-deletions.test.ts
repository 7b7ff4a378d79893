import { expect, it } from 'vitest';
import { z } from 'zod';
import { approveDeletions } from '../../ops/commands/approve-deletions.ts';
import { AuditWorld, hour } from '../support/audit-world.ts';
import { memoryTarget } from '../support/memory-target.ts';

it('an approval that has asked the API for all of the rows speaks of no others', async () => {
  const world = new AuditWorld(['lead_messages'], { leads: 12 });
  await world.load();
  const list = z.looseObject({ data: z.array(z.unknown()) });
  world.respell = (path, text) =>
    path === '/leads' ? JSON.stringify({ ...list.parse(JSON.parse(text)), data: [] }) : text;
  world.clock.advance(8 * 24 * hour);
  const run = (await world.pipeline.run())?.runId ?? '';
  const target = { ...memoryTarget(world), local: { out: '../lake', isSimulated: true, isRunning: false } };
  const { lines } = await approveDeletions.prepare(target, { run, althoughGiven: true });
  expect(lines.join('\n')).toMatch(/^leads: of all (\d+) of these rows, asked for by id, the API still gives \1 /m);
  expect(lines.join('\n')).not.toContain('not asked');
});
