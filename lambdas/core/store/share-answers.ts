import type { Clock, ObjectStore } from '../ports.ts';

/** Tasks of one batch begin within this time. */
const batchMilliseconds = 1_000;

/**
 * The store for work that asks for the same few objects several times, such as tasks that begin together: it shares the
 * answers of the last second, also that an object is absent.
 * @param sharedMilliseconds how long an answer is shared
 */
export function shareAnswers(
  store: ObjectStore,
  isShared: (key: string) => boolean,
  clock: Clock,
  sharedMilliseconds = batchMilliseconds,
): ObjectStore {
  const sharing = <T>(ask: (key: string) => Promise<T>) => {
    const answers = new Map<string, { readonly answer: Promise<T>; readonly at: number }>();
    return {
      forget: (key: string) => answers.delete(key),
      ask: (key: string): Promise<T> => {
        if (!isShared(key)) return ask(key);
        const now = clock.now().getTime();
        const known = answers.get(key);
        if (known && now - known.at < sharedMilliseconds) return known.answer;
        const answer = ask(key);
        answers.set(key, { answer, at: now });
        answer.catch(() => answers.delete(key));
        return answer;
      },
    };
  };
  const gets = sharing((key) => store.get(key));
  const heads = sharing((key) => store.head(key));
  const forget = (key: string) => {
    gets.forget(key);
    heads.forget(key);
  };

  return {
    ...store,
    get: gets.ask,
    head: heads.ask,
    async put(key, body, options) {
      const isWritten = await store.put(key, body, options);
      forget(key);
      return isWritten;
    },
    async delete(key) {
      await store.delete(key);
      forget(key);
    },
  };
}
