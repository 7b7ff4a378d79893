import type { Clock, ObjectStore } from '../ports.ts';

/** Tasks of one batch begin within this time. */
const sharedMilliseconds = 1_000;

/**
 * The store for tasks that begin together and all ask for the same few objects: they share the answers of the last
 * second, also that an object is absent.
 */
export function shareAnswers(store: ObjectStore, isShared: (key: string) => boolean, clock: Clock): ObjectStore {
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
