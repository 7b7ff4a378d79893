/**
 * Keys of objects that a function may cache, because they never change: they are written under a condition, or under a
 * new UUID. One exception: `ops forget` replaces a person's ids in plans and in rounds (tasks added to a run later). A
 * function that cached such an id may request it once more, but drops the answer. It also corrects receipts that are
 * part of a round; such a run is over. Receipts and files of the history are not immutable: a later version of the code
 * can write them again.
 */
const immutable = /^(runs\/[^/]+\/(plan\.json|rounds\/.*)|current\/[^/]+\/(data|metadata|state)\/.*)$/;

export const isImmutable = (key: string): boolean => immutable.test(key);
