/**
 * The answer for an item, or its error as a value: a request that fails before it is awaited must not become an
 * unhandled rejection.
 */
export type Settled<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Requests sent before the first answer. Each answer allows one more, so a stream that only fails gets few requests.
 */
const firstAhead = 8;
/** Most bytes of answers that came before their turn. An estimate: each counts as much as the largest so far. */
const maxWaitingBytes = 16 * 1024 * 1024;

export interface Ahead<T> {
  /** Most requests in flight at once; may change with each request. */
  readonly most: () => number;
  /** False if time is too short to request items before their turn. */
  readonly mayAsk: () => boolean;
  readonly bytesOf: (answer: T) => number;
}

/** Requests items before their turn, so that several requests are in flight while their answers are used in order. */
export function createLookahead<I, T>(
  items: readonly I[],
  ask: (item: I) => Promise<T>,
  { most, mayAsk, bytesOf }: Ahead<T>,
): (index: number) => Promise<Settled<T>> {
  const asked = new Map<number, Promise<Settled<T>>>();
  let [next, answers, largest] = [0, 0, 1];
  const askFor = (index: number) => {
    const item = items[index];
    if (item === undefined || asked.has(index)) return;
    asked.set(
      index,
      ask(item).then(
        (value) => {
          answers += 1;
          largest = Math.max(largest, bytesOf(value));
          return { value };
        },
        (error: unknown) => ({ error }),
      ),
    );
  };
  const room = () =>
    Math.max(1, Math.min(most(), firstAhead + answers, Math.max(firstAhead, maxWaitingBytes / largest)));
  return async (index) => {
    askFor(index);
    next = Math.max(next, index + 1);
    for (; next < Math.min(items.length, index + room()) && mayAsk(); next += 1) askFor(next);
    const answer = asked.get(index);
    asked.delete(index);
    if (!answer) throw new RangeError(`There is no item ${index}.`);
    return answer;
  };
}
