/**
 * The answer for an item, or its error as a value: a request that fails before it is awaited must not become an
 * unhandled rejection.
 */
export type Settled<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Requests items before their turn, so that several requests are in flight while their answers are used in order.
 * @param most requests in flight at once
 * @param mayAsk false if time is too short to request items before their turn
 */
export function createLookahead<I, T>(
  items: readonly I[],
  ask: (item: I) => Promise<T>,
  most: number,
  mayAsk: () => boolean,
): (index: number) => Promise<Settled<T>> {
  const asked = new Map<number, Promise<Settled<T>>>();
  let next = 0;
  const askFor = (index: number) => {
    const item = items[index];
    if (item === undefined || asked.has(index)) return;
    asked.set(
      index,
      ask(item).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    );
  };
  return async (index) => {
    askFor(index);
    next = Math.max(next, index + 1);
    for (; next < Math.min(items.length, index + most) && mayAsk(); next += 1) askFor(next);
    const answer = asked.get(index);
    asked.delete(index);
    if (!answer) throw new RangeError(`There is no item ${index}.`);
    return answer;
  };
}
