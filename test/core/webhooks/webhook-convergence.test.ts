/** Whatever happens to webhooks on their way, the next nightly load makes the lake equal to the source. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import type { WebhookMessage } from '../../../lambdas/contract/webhook.ts';
import { NotFoundError } from '../../../lambdas/core/errors.ts';
import { FakeApi, page } from '../../support/fake-api.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';
import { tries } from '../../support/tries.ts';

interface Lead {
  readonly id: string;
  readonly object: 'lead';
  readonly title: string;
  readonly updated_at: string;
}

const lead = (id: string, title: string, updatedAt: string): Lead => ({
  id,
  object: 'lead',
  title,
  updated_at: updatedAt,
});

/** A workspace that changes, its events on their way, and the pipeline that they may reach. */
class World {
  readonly clock = new FixedClock('2026-11-24T02:00:00.000Z');
  /** One lead never changes, so that the list is never empty. */
  readonly source = new Map<string, Lead>([['z', lead('z', 'Z', '2026-10-01T00:00:00.000Z')]]);
  onTheWay: WebhookMessage[] = [];
  #changes = 0;
  readonly pipeline = new MemoryPipeline({
    clock: this.clock,
    streams: ['leads'],
    api: () =>
      new FakeApi(
        {
          '/me': () => ({ data: { id: 'pak_1', object: 'public_api_identity' } }),
          '/leads': ({ query }) =>
            page([...this.source.values()].filter(({ updated_at }) => this.#inWindow(updated_at, query))),
          '/leads/{lead_id}': ({ pathParameters }) => {
            const data = this.source.get(pathParameters['lead_id'] ?? '');
            if (!data) throw new NotFoundError('There is no such lead.');
            return { data };
          },
        },
        this.clock,
      ),
  });

  #inWindow(updatedAt: string, query: Readonly<Record<string, string | number>>): boolean {
    const [after, before] = [query['updated_after'], query['updated_before']];
    return (after === undefined || updatedAt > String(after)) && (before === undefined || updatedAt < String(before));
  }

  change(id: string, namesIt: boolean): void {
    this.#changes += 1;
    const title = `Change ${this.#changes}`;
    this.source.set(id, lead(id, title, this.clock.now().toISOString()));
    this.#tell(id, namesIt);
  }

  remove(id: string): void {
    this.source.delete(id);
    this.#tell(id, true);
  }

  #tell(id: string, namesIt: boolean): void {
    const at = this.clock.now().toISOString();
    const deliveryId = `del_${this.#changes}_${this.onTheWay.length}_${at}`;
    const body = JSON.stringify(namesIt ? { data: { id } } : {});
    this.onTheWay.push({ deliveryId, event: 'lead.updated', signedAt: at, receivedAt: at, body });
  }

  /** Delivers the picked events in this order. The events stay on their way and may arrive again. */
  async arrive(picks: readonly number[]): Promise<void> {
    const batch = picks.flatMap((pick) => this.onTheWay[pick % Math.max(1, this.onTheWay.length)] ?? []);
    if (batch.length > 0) await this.pipeline.refresh(batch);
  }

  /** Title of the current row of each lead. */
  async lake(): Promise<Record<string, unknown>> {
    return Object.fromEntries((await this.pipeline.rows('leads')).map((row) => [row['id'], row['title']]));
  }

  expected(): Record<string, unknown> {
    return Object.fromEntries([...this.source.values()].map(({ id, title }) => [id, title]));
  }
}

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const steps = fc.array(
  fc.tuple(
    fc.integer({ min: 1_000, max: 3 * 3_600_000 }),
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('change' as const), id, namesIt: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('arrive' as const), picks: fc.array(fc.nat(20), { maxLength: 6 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('night' as const) }) },
    ),
  ),
  { maxLength: 25 },
);

describe('webhooks that are lost, repeated and out of order', () => {
  it('leave no trace once the next night and the next complete reading are over', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const world = new World();
        for (const [wait, step] of story) {
          world.clock.advance(wait);
          if (step.kind === 'change') world.change(step.id, step.namesIt);
          if (step.kind === 'remove') world.remove(step.id);
          if (step.kind === 'arrive') await expectNoMove(world, () => world.arrive(step.picks));
          if (step.kind === 'lose') world.onTheWay = [];
          if (step.kind === 'night') expect((await world.pipeline.run())?.status).toBe('complete');
        }
        world.clock.advance(3_600_000);
        await world.pipeline.run();
        expect(await world.lake()).toMatchObject(world.expected());
        // A deletion without an event is found by the next reading of the whole list.
        world.clock.advance(7 * 86_400_000);
        expect((await world.pipeline.run())?.status).toBe('complete');
        await world.pipeline.settle();
        expect(await world.lake()).toEqual(world.expected());
        expect(world.pipeline.deadLetters).toEqual([]);
      }),
      { numRuns: tries(8, 30) },
    );
  }, 60_000);

  it('after a refresh alone, a lead whose event arrived equals the source', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 10 }), async (changed) => {
        const world = new World();
        await world.pipeline.run();
        for (const each of changed) {
          world.clock.advance(1_000);
          world.change(each, true);
        }
        // The oldest event of each lead is enough: the refresh reads what the source has now.
        const first = changed.map((each) => changed.indexOf(each));
        await world.arrive(first.toReversed());
        expect(await world.lake()).toEqual(world.expected());
      }),
      { numRuns: tries(5, 15) },
    );
  }, 60_000);
});

/** Checks that a refresh moves no watermark. */
async function expectNoMove(world: World, refresh: () => Promise<void>): Promise<void> {
  const watermarks = () =>
    pipelineState.safeParse(world.pipeline.store.json('state/pipeline.json')).data?.watermarks ?? {};
  const before = watermarks();
  await refresh();
  expect(watermarks()).toEqual(before);
}
