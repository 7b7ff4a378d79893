import { FakeApi, type FakeRoute } from './fake-api.ts';
import { FixedClock } from './fixed-clock.ts';
import { MemoryPipeline, type MemoryPipelineOptions } from './memory-pipeline.ts';

const me: FakeRoute = () => ({ data: { id: 'pak_1', object: 'public_api_identity' } });

export function lead(id: string, updatedAt = '2026-11-01T00:00:00.000Z', more: object = {}) {
  return {
    id,
    object: 'lead',
    created_at: '2026-10-01T00:00:00.000Z',
    updated_at: updatedAt,
    full_name: 'A. Person',
    tags: ['a'],
    ...more,
  };
}

/** A pipeline in memory whose API answers with these routes. */
export function pipelineOf(
  streams: string[],
  routes: Record<string, FakeRoute>,
  options: Partial<MemoryPipelineOptions> = {},
) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const apis: FakeApi[] = [];
  const pipeline = new MemoryPipeline({
    ...options,
    clock,
    streams,
    api: () => {
      const api = new FakeApi({ '/me': me, ...routes }, clock);
      apis.push(api);
      return api;
    },
  });
  return { pipeline, clock, requests: () => apis.flatMap((api) => api.requests), apis };
}
