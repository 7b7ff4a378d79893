import type { Stream } from '../../contract/stream.ts';
import type { ApiAnswer } from '../ports.ts';
import { decodeUtf8 } from '../rows/charsets.ts';
import { scopesIn } from './identity.ts';

/**
 * Scopes that these streams need and that the answer about the key does not list. None if it lists not one of those
 * that are needed: then it names them otherwise, and what the API answers to each request counts.
 */
export function missingScopes({ body }: ApiAnswer, streams: readonly Pick<Stream, 'scope'>[]): string[] {
  const listed = scopesIn(decodeUtf8(body).text);
  if (!listed) return [];
  const needed = new Set(streams.map(({ scope }) => scope));
  const missing = needed.difference(new Set(listed));
  return missing.size === needed.size ? [] : [...missing];
}
