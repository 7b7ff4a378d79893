import { expect, it } from 'vitest';
import { streams } from '../../../lambdas/streams/registry.ts';
import { AuditWorld, hour } from '../../support/audit-world.ts';

const childRereadDays = 30;
/** Streams whose children are read every night, so these children do not take turns at being reread. */
const readEveryNight: ReadonlySet<string> = new Set(
  streams.filter(({ childReading }) => childReading === 'every-night').map(({ name }) => name),
);

it('a night on which nothing changed asks for 300 leads with all their children at most 60 times, beside its share of rereading', {
  timeout: 180_000,
}, async () => {
  const world = new AuditWorld(
    streams.map(({ name }) => name),
    { leads: 300 },
  );
  // The first load, the night after it, which rereads everything, and then a quiet night.
  await world.load();
  world.asked = [];
  const report = await world.pipeline.run();
  expect(report).toMatchObject({ status: 'complete', tables: { leads: { requests: 1, rowsChanged: 0 } } });

  const rowsOf = new Map<string, number>();
  for (const { name } of streams) rowsOf.set(name, (await world.pipeline.rows(name)).length);
  const share = streams
    .filter(({ parent }) => parent && !readEveryNight.has(parent.stream))
    .reduce((sum, { parent }) => sum + Math.ceil((rowsOf.get(parent?.stream ?? '') ?? 0) / childRereadDays), 0);
  expect(share).toBeGreaterThan(20);
  expect(world.asked.length - share).toBeLessThanOrEqual(60);
  // The number of requests does not grow with the number of nights before.
  world.clock.advance(24 * hour);
  world.asked = [];
  await world.pipeline.run();
  expect(world.asked.length - share).toBeLessThanOrEqual(60);
});
