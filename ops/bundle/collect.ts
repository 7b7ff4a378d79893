/** Collects the facts of the support bundle: what a person who helps needs to know, without personal data. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fileOfRun, pipelineStateKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import { type QueueName, queueNames } from '../../lambdas/contract/queue-names.ts';
import { type PipelineState, pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { surveyDeadLetters } from '../../lambdas/core/replay/replay-dead-letters.ts';
import { createDeadLetters } from '../adapters/dead-letters.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { Damage } from '../lake/damage.ts';
import { recentRuns } from '../lake/recent-runs.ts';
import { queueUrls, type Target } from '../target.ts';
import { rejectedFacts } from './rejected-facts.ts';
import { runFacts } from './run-facts.ts';

const daysTold = 7;
const runsTold = 50;
const mostLetters = 200;

export const bundleNotes = [
  'Holds: versions, which outputs the stacks have, watermarks, reports and counts of the last runs, depths of the queues, kinds of dead letters, reasons of rejected rows, and what of these cannot be read.',
  'Ids in it are those of runs, tasks, chunks and of requests of the API. They are made of times, names of tables and numbers, and say nothing about a person to anybody who cannot read the lake or ask the vendor.',
  'Leaves out: rows, ids of rows, bodies of messages, messages of errors, values of the stacks’ outputs (they name the account), the configuration, and every secret.',
];

export async function collectBundle(target: Target) {
  const { store, data, pipeline } = target;
  const now = target.clock.now();
  const damage = new Damage();
  const state = (await damage.readJson(store, pipelineStateKey, pipelineState)) ?? null;
  const runs = [];
  for (const { runId } of (await recentRuns(store, now, daysTold)).slice(0, runsTold))
    runs.push(await runFacts(runId, store, damage));
  const queues = await Promise.all(queueNames.map((name) => queueFacts(target, name, damage)));
  const rejected = await rejectedFacts(store, damage);
  return {
    madeAt: now.toISOString(),
    notes: bundleNotes,
    versions: versions(),
    outputs: [...Object.entries(data), ...Object.entries(pipeline)]
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name),
    schedulesOn: await Promise.all(pipeline.Schedules.map(isScheduleOn)),
    missedRuns: await queueDepth(pipeline.MissedRunsUrl),
    state: state && { ...state, resumes: withoutCursors(state.resumes) },
    runs,
    queues,
    rejected,
    unreadable: damage.keys.map(plainKey),
  };
}

/** Where interrupted lists resume, without the cursors: a cursor comes from the vendor and may contain anything. */
function withoutCursors(resumes: PipelineState['resumes']) {
  return Object.entries(resumes).map(([stream, { pages, startedAt }]) => ({ stream, pages, startedAt }));
}

/** The key of an object. Omits a file name that the pipeline did not choose, because it may be the name of a person. */
function plainKey(key: string): string {
  const isOurs = !key.startsWith(prefixes.lake) || fileOfRun(key) !== undefined;
  return isOurs ? key : `${key.slice(0, key.lastIndexOf('/') + 1)}a file of another name`;
}

const packageFile = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

function versions() {
  const { version, dependencies } = packageFile.parse(
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
  );
  return {
    prospectLake: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    dependencies,
  };
}

async function queueFacts(target: Target, name: QueueName, damage: Damage) {
  const { work, deadLetters } = queueUrls(target, name);
  const ports = { store: target.store, deadLetters: createDeadLetters(deadLetters) };
  // If the plan of a dead letter's run cannot be read, only the number of dead letters is reported.
  const letters = (await damage.skipIfDamaged(() => surveyDeadLetters(name, mostLetters, ports))) ?? [];
  return {
    name,
    waiting: await queueDepth(work),
    deadLetters: await queueDepth(deadLetters),
    letters: letters.map(({ runId, what, reason, cannotResendBecause }) => ({
      // Leaves out the ids of the vendor's deliveries and exports, which `what` contains.
      kind: what.replace(/(, delivery .*| of export .*)$/s, ''),
      runId: runId ?? null,
      code: reason?.code ?? null,
      stays: cannotResendBecause !== undefined,
    })),
  };
}
