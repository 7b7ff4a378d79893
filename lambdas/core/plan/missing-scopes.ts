import { z } from 'zod';
import type { Stream } from '../../contract/stream.ts';
import type { ApiAnswer } from '../ports.ts';
import { decodeUtf8 } from '../rows/charsets.ts';

const identity = z.object({ data: z.object({ scopes: z.array(z.string()) }) });

/**
 * Scopes that these streams need and that the answer about the key does not list. None if it lists not one of those
 * that are needed: then it names them otherwise, and what the API answers to each request counts.
 */
export function missingScopes({ body }: ApiAnswer, streams: readonly Pick<Stream, 'scope'>[]): string[] {
  const { data } = identity.safeParse(JSON.parse(decodeUtf8(body).text));
  if (!data) return [];
  const needed = new Set(streams.map(({ scope }) => scope));
  const missing = needed.difference(new Set(data.data.scopes));
  return missing.size === needed.size ? [] : [...missing];
}
