import { webhookMessage } from '../../contract/webhook.ts';
import type { DeadLetter, DeadLetters, Queue } from '../ports.ts';
import type { Matcher } from './persons.ts';

export interface ForgottenLetters {
  /** Letters that were deleted: events about a person. */
  readonly deleted: number;
  /** Letters about several rows. Each was replaced by a letter that does not name the person. */
  readonly replaced: number;
}

const mostReceived = 10;

/**
 * Removes persons from the letters of a dead-letter queue.
 * @param replacement sends to the same dead-letter queue
 */
export async function forgetLetters(
  letters: DeadLetters,
  replacement: Queue,
  matcher: Matcher,
): Promise<ForgottenLetters> {
  const seen = new Set<string>();
  const kept: DeadLetter[] = [];
  let [deleted, replaced] = [0, 0];
  try {
    for (;;) {
      const fresh = (await letters.receive(mostReceived)).filter(({ id }) => !seen.has(id));
      if (fresh.length === 0) return { deleted, replaced };
      for (const letter of fresh) {
        seen.add(letter.id);
        const change = changeOf(letter.body, matcher);
        if (change === 'keep') {
          kept.push(letter);
          continue;
        }
        // Sent before the old letter is deleted, so that no work is lost.
        if (change !== 'delete') await replacement.send([{ body: change.body }]);
        await letters.delete([letter]);
        if (change === 'delete') deleted += 1;
        else replaced += 1;
      }
    }
  } finally {
    await letters.release(kept);
  }
}

function changeOf(text: string, matcher: Matcher): 'keep' | 'delete' | { readonly body: unknown } {
  const body = jsonOf(text);
  if (body === undefined) return matcher.isQuotedIn(text) ? 'delete' : 'keep';
  const event = webhookMessage.safeParse(body);
  if (event.success) return isAbout(event.data.body, matcher) ? 'delete' : 'keep';
  return quotes(body, matcher) ? { body: matcher.withoutQuotesIn(body) } : 'keep';
}

function isAbout(body: string, matcher: Matcher): boolean {
  return matcher.isQuotedIn(body) || hasId(jsonOf(body), matcher);
}

/** True if a JSON value contains, at any depth, an id of a person. The id may be a number. */
function hasId(value: unknown, matcher: Matcher): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some((one) => hasId(one, matcher));
  return (typeof value === 'string' || typeof value === 'number') && matcher.isQuotedIn(String(value));
}

function quotes(value: unknown, matcher: Matcher): boolean {
  return JSON.stringify(matcher.withoutQuotesIn(value)) !== JSON.stringify(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
