import type { z } from 'zod';
import { invalid } from '../problem.ts';

/** Checks a request body by a schema. @throws Problem 400 that names the invalid fields */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw invalid(`The body cannot be used. ${places.join('; ')}`);
}
