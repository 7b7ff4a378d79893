import { planKey } from '../../contract/object-keys.ts';
import { type Plan, plan } from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { readJson } from '../store/stored-json.ts';

const maxKept = 20;

/**
 * Creates a reader of plans. It reads each plan once per process, because plans never change. Tasks that begin together
 * share the answer.
 * @throws Error if a run has no plan
 */
export function createPlanReader(store: ObjectStore): (runId: string) => Promise<Plan> {
  const kept = new Map<string, Promise<Plan>>();
  return (runId) => {
    const known = kept.get(runId);
    if (known) return known;
    if (kept.size >= maxKept) kept.clear();
    const reading = readPlan(store, runId);
    kept.set(runId, reading);
    reading.catch(() => kept.delete(runId));
    return reading;
  };
}

async function readPlan(store: ObjectStore, runId: string): Promise<Plan> {
  const stored = await readJson(store, planKey(runId), plan);
  if (stored) return stored.value;
  throw new Error(`Run ${runId} has no plan under ${planKey(runId)}; its lifecycle rule may have expired it.`);
}
