import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepEpochs, nextEpochs } from '../../../local/run/simulator-epochs.ts';

const [first, second] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];

describe('the simulated workspace of a folder', () => {
  let out = '';
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'epochs-'));
  });
  afterEach(async () => rm(out, { recursive: true, force: true }));
  const next = (leads: number | undefined, isResumed = false, customFields = false) =>
    nextEpochs(out, { leads, customFields, now: second, isResumed });

  it('has 2,000 leads in a new folder, or as many as --leads says', async () => {
    expect(await next(undefined)).toEqual({ leads: 2_000, customFields: false, epochs: [second] });
    expect(await next(300)).toEqual({ leads: 300, customFields: false, epochs: [second] });
  });

  it('keeps its size if a later run does not say one', async () => {
    await keepEpochs(out, { leads: 300, customFields: false, epochs: [first] });
    expect(await next(undefined)).toEqual({ leads: 300, customFields: false, epochs: [first, second] });
    expect(await next(undefined, true)).toEqual({ leads: 300, customFields: false, epochs: [first] });
    expect(await next(300)).toEqual({ leads: 300, customFields: false, epochs: [first, second] });
  });

  it('keeps its custom fields once a run has asked for them', async () => {
    await keepEpochs(out, await next(300, false, true));
    expect(await next(undefined)).toMatchObject({ leads: 300, customFields: true });
  });

  it('is not replaced by one of another size', async () => {
    await keepEpochs(out, { leads: 300, customFields: false, epochs: [first] });
    await expect(next(2_000)).rejects.toThrow(
      /holds a simulated workspace of 300 leads\. Leave out --leads, or choose another folder with --out\.$/,
    );
  });
});
