import { describe, expect, it } from 'vitest';
import { type KnownRow, mergeCopies, type RowCopy } from '../../../lambdas/core/current/merge-copies.ts';

const copy = (says: string, asked: number, updated?: number): RowCopy => ({
  asked,
  updated,
  digest: says,
  extra: null,
});
const rules = { lookback: 100, forced: false, runId: 'now-1' };
const nothing: KnownRow = {
  current: undefined,
  suspect: undefined,
  contested: undefined,
  deletedAt: undefined,
  scopeReadAt: undefined,
};
const merge = (known: Partial<KnownRow>, ...copies: RowCopy[]) => mergeCopies({ ...nothing, ...known }, copies, rules);
const suspect = { since: 60, last: 120, seen: 40, runId: 'then-1' };

describe('copies of a row', () => {
  it('are each counted once', () => {
    const merged = merge(
      { current: copy('a', 1) },
      copy('a', 2),
      copy('b', 3),
      copy('b', 4),
      copy('c', 5),
      copy('d', 0),
    );
    expect(merged).toMatchObject({ write: 3, change: 'updated', unchanged: 2, outdated: 2 });
  });

  it('are written if the row changed and changed back, because they were read later', () => {
    expect(merge({ current: copy('a', 1) }, copy('b', 2), copy('a', 3))).toMatchObject({ write: 1, change: 'retyped' });
  });
});

describe('a copy with another mask of personal data', () => {
  const digest = 'x'.repeat(22);
  const [plain, masked, otherwise] = [digest, `${digest}.mask-1`, `${digest}.mask-2`];

  it.each([
    [plain, masked],
    [masked, plain],
    [masked, otherwise],
  ])('replaces the current row, although the API gave the same one (%s, then %s)', (before, after) => {
    const merged = merge({ current: copy(before, 1) }, copy(after, 2));
    expect(merged).toMatchObject({ write: 0, change: 'retyped', unchanged: 0 });
  });

  it('still shows that a suspected row exists', () => {
    expect(merge({ current: copy(plain, 40), suspect }, copy(masked, 121))).toMatchObject({ suspect: undefined });
  });
});

describe('a suspected row', () => {
  const current = copy('a', 40);

  it('is cleared by a copy that was requested after every question that did not find it', () => {
    expect(merge({ current, suspect }, copy('a', 121))).toMatchObject({ suspect: undefined, seenAgain: 121 });
    expect(merge({ current, suspect }, copy('b', 121))).toMatchObject({ suspect: undefined, write: 0 });
  });

  it('is suspected since the last question if a copy was requested in between', () => {
    expect(merge({ current, suspect }, copy('a', 100)).suspect).toEqual({ ...suspect, since: 120, seen: 100 });
  });

  it.each([59, 60])('stays suspected if a copy was requested before the questions (%i)', (asked) => {
    expect(merge({ current, suspect }, copy('a', asked))).toMatchObject({
      suspect,
      seenAgain: undefined,
      write: undefined,
    });
  });

  it('stays suspected if an older copy replaces it by its time', () => {
    const merged = merge({ current: copy('a', 40, 1), suspect }, copy('b', 30, 2));
    expect(merged).toMatchObject({ write: 0, suspect: { ...suspect, seen: 30 }, contested: { seen: 30, by: 40 } });
  });
});

describe('a row that the table does not have', () => {
  it('is suspected at once if its scope has been read completely since', () => {
    expect(merge({ scopeReadAt: 50 }, copy('a', 49)).suspect).toEqual({
      since: 50,
      last: 50,
      seen: 49,
      runId: 'now-1',
    });
    expect(merge({ scopeReadAt: 50 }, copy('a', 50)).suspect).toBeUndefined();
  });

  it('is suspected since the first question that did not find it', () => {
    const absent = { ...suspect, seen: 0, isAbsent: true as const };
    expect(merge({ suspect: absent, scopeReadAt: 130 }, copy('a', 50)).suspect).toEqual({
      ...suspect,
      last: 130,
      seen: 50,
    });
    expect(merge({ suspect: absent }, copy('a', 121)).suspect).toBeUndefined();
  });

  it('is restored only by a copy that was requested after its deletion', () => {
    expect(merge({ deletedAt: 50 }, copy('a', 50))).toMatchObject({ write: undefined, change: 'none', outdated: 1 });
    expect(merge({ deletedAt: 50 }, copy('a', 51))).toMatchObject({ write: 0, change: 'inserted' });
  });
});

describe('a row with a rival version that has an older time', () => {
  const current = copy('a', 40, 2);

  it('is contested until the API returns it again', () => {
    const { contested } = merge({ current }, copy('b', 70, 1));
    expect(contested).toEqual({ seen: 40, by: 70 });
    expect(merge({ current, contested }, copy('a', 70, 2)).contested).toEqual({ seen: 40, by: 70 });
    expect(merge({ current, contested }, copy('a', 71, 2))).toMatchObject({ contested: undefined, seenAgain: 71 });
  });

  it('is not contested by a copy that was requested before it', () => {
    expect(merge({ current }, copy('b', 40, 1), copy('c', 39)).contested).toBeUndefined();
  });

  it('loses to its rival once they lie further apart than the lookback', () => {
    expect(merge({ current }, copy('b', 141, 1))).toMatchObject({ write: 0, contested: undefined });
  });
});
