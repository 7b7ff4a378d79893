import { z } from 'zod';
import type { Stream } from '../../contract/stream.ts';
import type { ApiAnswer } from '../ports.ts';
import { decodeUtf8 } from '../rows/charsets.ts';

const identity = z.object({ data: z.object({ scopes: z.array(z.string()) }) });

/** Scopes that these streams need and that the answer about the key does not list. None if it lists no scopes at all. */
export function missingScopes({ body }: ApiAnswer, streams: readonly Pick<Stream, 'scope'>[]): string[] {
  const { data } = identity.safeParse(JSON.parse(decodeUtf8(body).text));
  if (!data) return [];
  const granted = new Set(data.data.scopes);
  return [...new Set(streams.map(({ scope }) => scope))].filter((scope) => !granted.has(scope));
}
