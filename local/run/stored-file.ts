import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { UsageError } from '../cli/usage-error.ts';

/**
 * JSON that a run left in its output folder.
 * @param whatToDo if it cannot be used: a sentence for the person whose folder it is
 * @throws UsageError that names the file, and quotes nothing of what stands there
 */
export async function readStored<T>(path: string, schema: z.ZodType<T>, whatToDo: string): Promise<T> {
  const parsed = schema.safeParse(jsonIn(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? ` (look at ${issue.path.join('.')})` : '';
  throw new UsageError(`${path} is not what a run has written there${where}. ${whatToDo}`, 1);
}

/** Undefined if it is no JSON, which no schema of ours takes. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
