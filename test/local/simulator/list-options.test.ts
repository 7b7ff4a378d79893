/** Each option of how lists are ordered, filtered and cut into pages. */

import { describe, expect, it } from 'vitest';
import { minute, optionsWorld, statusOf } from '../../support/options-world.ts';

describe('orders', () => {
  it('newest reverses creation; arbitrary is neither of them, and moves a changed row', async () => {
    const created = await optionsWorld({ order: 'created' }).ids('/referrals');
    expect(await optionsWorld({ order: 'newest' }).ids('/referrals')).toEqual(created.toReversed());
    const { ids, workspace } = optionsWorld({ order: 'arbitrary' });
    const before = await ids('/referrals');
    expect(before).not.toEqual(created);
    expect(before.toSorted()).toEqual(created.toSorted());
    workspace.update('referrals', before[0] ?? '', { status: 'changed' });
    const others = (list: string[]) => list.filter((id) => id !== before[0]);
    expect(others(await ids('/referrals'))).toEqual(others(before));
  });

  it('changed puts a changed row at the end of any list', async () => {
    const { ids, workspace } = optionsWorld({ order: 'changed' });
    const [first] = await ids('/jobs');
    workspace.update('jobs', first ?? '', { status: 'changed' });
    expect((await ids('/jobs')).at(-1)).toBe(first);
  });
});

describe('offset cursors', () => {
  it('miss the neighbor of a row that is deleted while the list is paged, unlike keyset cursors', async () => {
    for (const [cursors, missed] of [
      ['offset', 1],
      ['keyset', 0],
    ] as const) {
      const { ids, workspace, api } = optionsWorld({ cursors });
      const [, , third] = await ids('/leads');
      const read = await ids('/leads', {}, (page) => {
        if (page === 1) workspace.remove('leads', third ?? '');
      });
      const living = api.rows('leads').map(({ id }) => String(id));
      expect(
        living.filter((id) => !read.includes(id)),
        cursors,
      ).toHaveLength(missed);
    }
  });
});

describe('filters', () => {
  it('in seconds omit changes in the second of their bound', async () => {
    const { workspace, ids } = optionsWorld({ filterUnit: 'second' });
    const { id } = workspace.create('leads', { updated_at: '2026-11-20T10:00:00.700Z' });
    expect(await ids('/leads', { updated_after: '2026-11-20T10:00:00.100Z' })).not.toContain(id);
    expect(await ids('/leads', { updated_after: '2026-11-20T09:59:59.900Z' })).toContain(id);
  });

  it('use either the shown time, of which null never matches, or the API’s own time', async () => {
    for (const filterBy of ['shown', 'written'] as const) {
      const { workspace, ids } = optionsWorld({ filterBy });
      const { id } = workspace.create('leads', { updated_at: null });
      expect((await ids('/leads', { updated_after: '2026-11-24T01:00:00Z' })).includes(String(id))).toBe(
        filterBy === 'written',
      );
      expect(await ids('/leads')).toContain(id);
    }
  });
});

describe('pages', () => {
  it('come after the configured number of empty ones, each with its own cursor', async () => {
    const { pages, clock } = optionsWorld({ emptyPages: 30 });
    const sizes = (await pages('/referrals', {}, () => clock.advance(1))).map(({ length }) => length);
    expect(sizes.filter((size) => size > 0)).toEqual([10]);
    expect(sizes).toHaveLength(31);
  });

  it('of an unpaged list are a single cut page that does not mention others', async () => {
    const { ask } = optionsWorld({ unpaged: ['leads', 'lead_fields'] });
    expect(await ask('/leads')).not.toHaveProperty('pagination');
    expect((await ask('/leads')).data).toHaveLength(10);
    expect((await ask('/lead-fields')).data).toHaveLength(8);
  });

  it('are refused if their cursor is too old', async () => {
    const { ask, clock } = optionsWorld({ cursorMinutes: 10, expiredStatus: 410 });
    const cursor = (await ask('/leads')).pagination?.next_cursor ?? '';
    clock.advance(10 * minute);
    expect(await statusOf(ask('/leads', { cursor }))).toBe(200);
    clock.advance(1);
    expect(await statusOf(ask('/leads', { cursor }))).toBe(410);
  });
});
