/**
 * Damages objects in every way that needs no knowledge of their content. Whatever is damaged, an audit ends and does
 * not call a bad lake good, and its repair restores what it promises. `DAMAGE_RUNS=1000` tries 1,000 damages.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pipelineStateKey } from '../../../lambdas/contract/object-keys.ts';
import { auditLines } from '../../../ops/audit/audit-lines.ts';
import { verdictOf } from '../../../ops/audit/verdict.ts';
import { AuditWorld, noDifferences, differencesIn, inPipe } from '../../support/audit-world.ts';
import { flip, isCorrupted, junk, corrupt } from '../../support/damages.ts';
import { tries } from '../../support/tries.ts';

const wanted = process.env['DAMAGE_RUNS'];
const numRuns = Number(wanted ?? tries(6, 12));
/** The suite always uses the same seed; DAMAGE_RUNS uses new ones. */
const seed = wanted === undefined ? { seed: 9 } : {};
const names = ['lead_messages', 'campaign_runs', 'import_errors'];
let world: AuditWorld;

const store = () => world.pipeline.store;
const oneOf = (keys: readonly string[], pick: number) => keys[pick % keys.length] ?? '';
const records = () =>
  [...store().keys('runs/'), pipelineStateKey].filter((key) =>
    /(plan|report|pipeline|\d+|extract\/.*)\.json/.test(key),
  );
/** The objects of the newest version of each current table. */
const newest = () =>
  ['leads', ...names].flatMap((name) => [
    ...store().keys(`current/${name}/data/`),
    ...store().keys(`current/${name}/state/`).slice(-1),
    ...store()
      .keys(`current/${name}/metadata/`)
      .filter((key) => key.endsWith('.json'))
      .toSorted(byVersion)
      .slice(-1),
  ]);
const byVersion = (a: string, b: string) => a.length - b.length || a.localeCompare(b);
const folders: Record<string, () => string[]> = {
  'a file of the history': () => store().keys('lake/'),
  'a raw chunk': () => store().keys('raw/'),
  'a record': records,
  'a piece of a current table': newest,
};
const overwritten = 'is written over with some other bytes';
const ways: Record<string, (key: string, bytes: readonly number[]) => Promise<unknown> | void> = {
  'has bytes that changed on the disk': (key) => corrupt(store(), key),
  [overwritten]: (key, bytes) => flip(store(), key, bytes),
  'is junk': (key) => store().put(key, junk),
  'is cut off': (key) => store().put(key, store().objects.get(key)?.body.slice(0, 40) ?? ''),
  'is gone': (key) => store().delete(key),
  'has a foreign file beside it': (key) => store().put(key.replace(/[^/]+$/, 'zzz.parquet'), junk),
};

const history = () =>
  new Map(
    store()
      .keys('lake/')
      .map((key) => [key, isCorrupted(store(), key) ? junk : store().objects.get(key)?.body]),
  );

it('about a randomly damaged lake, an audit says nothing wrong, and its repair restores what it promises', {
  timeout: 60_000 + numRuns * 3_000,
}, async () => {
  const byte = fc.nat({ max: 1_000_000 });
  const damage = fc.tuple(
    fc.constantFrom(...Object.keys(folders)),
    fc.constantFrom(...Object.keys(ways)),
    byte,
    fc.array(byte, { minLength: 1, maxLength: 4 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (chosen) => {
      world = new AuditWorld(names, { leads: 3 });
      await world.load();
      const before = history();
      for (const [folder, way, pick, bytes] of chosen) {
        const key = oneOf(folders[folder]?.() ?? [], pick);
        // An overwritten data file may hold another valid value, which only the store's checksum would reveal.
        if (!(way === overwritten && key.includes('/data/'))) await ways[way]?.(key, bytes);
      }

      const found = await world.audit();
      const goodIfClean = async () => {
        expect(history()).toEqual(before);
        expect(await world.differences()).toEqual(noDifferences);
      };
      if (verdictOf(found) === 'clean') return goodIfClean();
      expect(auditLines(found, inPipe).at(-1)).not.toContain('The lake matches the API.');
      if ([...found.damage.keys()].some((key) => key === pipelineStateKey || key.startsWith('current/'))) return;

      const foreign = found.files.foreign.map((key) => [key, store().objects.get(key)?.body]);
      await world.repair(world.planRepair(found));
      const after = await world.audit();
      expect([differencesIn(after), after.lostData]).toEqual([noDifferences, []]);
      expect(await world.differences()).toEqual(noDifferences);
      expect(after.files.lost.filter(({ isConvertible }) => isConvertible)).toEqual([]);
      expect(after.files.unlisted).toEqual([]);
      expect(found.files.foreign.map((key) => [key, store().objects.get(key)?.body])).toEqual(foreign);
    }),
    // Without shrinking, which would take longer than everything else. The unshrunk example is clear enough.
    { numRuns, endOnFailure: true, ...seed },
  );
});
