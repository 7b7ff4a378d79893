/**
 * Returns a function that limits concurrency: at most `count()` pieces of work run at once. Waiting work starts in the
 * order it arrived. If the count falls, work under way goes on.
 */
export function createSlots(count: () => number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const startWaiting = () => {
    for (; waiting.length > 0 && running < count(); running += 1) waiting.shift()?.();
  };
  return async (work) => {
    await new Promise<void>((start) => {
      waiting.push(start);
      startWaiting();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      startWaiting();
    }
  };
}
