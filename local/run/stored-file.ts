import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { UsageError } from '../cli/usage-error.ts';

/**
 * Reads JSON that a run left in its output folder.
 * @param whatToDo a sentence that tells the user what to do if the file cannot be used
 * @throws UsageError that names the file, but quotes nothing of its content
 */
export async function readStored<T>(path: string, schema: z.ZodType<T>, whatToDo: string): Promise<T> {
  const parsed = schema.safeParse(jsonIn(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? ` (look at ${issue.path.join('.')})` : '';
  throw new UsageError(`${path} is not what a run has written there${where}. ${whatToDo}`, 1);
}

/** Parses JSON. Returns undefined for any other text, which no schema in this project accepts. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
