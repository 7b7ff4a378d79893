import { SourceMap } from 'node:module';
import * as codec from '@jridgewell/sourcemap-codec';
import { describe, expect, it } from 'vitest';
import { ownSourceMap } from '../../lib/own-source-map.ts';

const sources = ['../../node_modules/sdk/index.js', '../../lambdas/plan.ts', '../../node_modules/zod/index.js'];
const [sdk, plan, zod] = [0, 1, 2];
/** One line: columns 0 to 19 are of dependencies, 20 to 39 own, 40 to 59 of a dependency, and the rest own. */
const mappings = codec.encode([
  [
    [0, sdk, 4, 2, 0],
    [10, zod, 7, 0],
    [20, plan, 1, 0, 1],
    [30, plan, 2, 6],
    [40, sdk, 9, 0],
    [50, sdk, 9, 8],
    [60, plan, 12, 3],
  ],
]);
const text = ownSourceMap(JSON.stringify({ version: 3, sources, names: ['send', 'run'], mappings }), codec);
const placeOf = (column: number) => {
  const entry = new SourceMap(JSON.parse(text)).findEntry(0, column);
  return 'originalSource' in entry && entry.originalSource
    ? [entry.originalSource, entry.originalLine, entry.originalColumn]
    : undefined;
};

describe('the source map of a bundle', () => {
  it('leads to the own code', () => {
    expect([20, 29, 30, 60].map(placeOf)).toEqual([
      ['../../lambdas/plan.ts', 1, 0],
      ['../../lambdas/plan.ts', 1, 0],
      ['../../lambdas/plan.ts', 2, 6],
      ['../../lambdas/plan.ts', 12, 3],
    ]);
  });

  it('leads from a dependency to nothing, not to the own code before it', () => {
    expect([0, 10, 40, 50].map(placeOf)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('names no dependency', () => {
    expect(text).not.toMatch(/node_modules|send/);
  });
});
