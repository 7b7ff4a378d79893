import { createHash } from 'node:crypto';
import { planKey } from '../../contract/object-keys.ts';
import { type Plan, plan as planSchema, type Selection } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { SuspectRow } from '../current/merge-input.ts';
import type { Clock } from '../ports.ts';
import { isAddressable } from '../rows/row-ids.ts';
import { type DispatchPorts, dispatchRun } from '../runs/dispatch-run.ts';
import { familyOf, rootOf } from '../runs/families.ts';
import { mostAsked } from '../runs/confirm-outcome.ts';
import { runIdOf } from '../runs/run-ids.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import type { Progress } from './merge-run.ts';
import { controlIds } from './control-ids.ts';
import { splitIds } from './follow-up-tasks.ts';
import type { TablePorts } from './read-parents.ts';

const hour = 3_600_000;
const deadlineHours = 24;

/**
 * Plans a run that requests once more the rows that this run suspects to be deleted: by id if the API has such a path,
 * otherwise through the list that they belong to. A second call gives the same run.
 * @returns the id of the new run; undefined if nothing is suspected
 */
export async function confirmSuspects(
  plan: Plan,
  progress: Progress,
  streams: readonly Stream[],
  settings: { readonly confirmAfterSeconds: number; readonly publishCheckSeconds: number },
  ports: DispatchPorts & TablePorts & { readonly clock: Clock },
): Promise<string | undefined> {
  if (plan.kind === 'confirm') return undefined;
  const selections: { readonly stream: string; readonly selection: Selection }[] = [];
  for (const stream of streams) {
    const suspects = progress.tables[stream.name]?.result.suspects ?? [];
    const own = suspects.filter(({ runId }) => runId === plan.runId).slice(0, mostAsked);
    if (own.length === 0) continue;
    const controls = stream.byId ? await controlIds(stream, suspects, ports) : [];
    for (const selection of selectionsFor(stream, own, controls)) selections.push({ stream: stream.name, selection });
  }
  if (selections.length === 0) return undefined;
  const digest = createHash('sha256').update(plan.runId).digest('hex').slice(0, 8);
  const runId = `${runIdOf('confirm', new Date(plan.startedAt))}-${digest}`;
  const now = ports.clock.now();
  const asked = streams.filter(({ name }) => selections.some(({ stream }) => stream === name));
  const families = new Set(asked.flatMap((stream) => familyOf(rootOf(stream, streams), streams)));
  const confirmation: Plan = {
    runId,
    kind: 'confirm',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + deadlineHours * hour).toISOString(),
    streams: streams.filter((stream) => families.has(stream)).map(({ name }) => name),
    tasks: selections.map(({ stream, selection }, index) => ({ taskId: `${stream}.0.${index}`, stream, selection })),
    fullRefresh: false,
  };
  const isFirst = await writeJson(ports.store, planKey(runId), confirmation, { ifAbsent: true });
  const stored = isFirst ? confirmation : (await readJson(ports.store, planKey(runId), planSchema))?.value;
  if (!stored) throw new Error(`The store says that the plan of ${runId} exists, but does not return it.`);
  await dispatchRun(stored, settings.publishCheckSeconds, ports, {
    delaySeconds: settings.confirmAfterSeconds,
  });
  return runId;
}

function selectionsFor(stream: Stream, suspects: readonly SuspectRow[], controls: readonly string[]): Selection[] {
  if (stream.byId) {
    const ids = suspects.flatMap(({ id }) => (isAddressable(id) ? [id] : []));
    return splitIds(ids).map((part) => ({ kind: 'ids', ids: [...part, ...controls] }));
  }
  if (!stream.parent) return [{ kind: 'list' }];
  const parents = new Set(suspects.flatMap(({ parentId }) => (isAddressable(parentId) ? [parentId] : [])));
  return splitIds([...parents]).map((part) => ({ kind: 'children', parents: part }));
}
