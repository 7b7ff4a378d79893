import { currentRules } from './current-mutations.ts';
import { durability } from './durability-mutations.ts';
import { failureRules } from './failure-mutations.ts';
import { icebergRules } from './iceberg-mutations.ts';
import type { Mutation } from './mutation.ts';
import { readingRules } from './reading-mutations.ts';

export const mutations: readonly Mutation[] = [
  ...currentRules,
  ...failureRules,
  ...readingRules,
  ...icebergRules,
  ...durability,
];
