/**
 * Keys of objects that never change while the pipeline works: they are written under a condition, or under a new UUID.
 * Only `ops forget` changes plans and rounds: it replaces ids of a person in them. A function that still remembers such
 * an id may send it to the API once more, and drops what it reads. Receipts change, and so do files of the history,
 * which a later version of the code writes anew.
 */
const immutable = /^(runs\/[^/]+\/(plan\.json|rounds\/.*)|current\/[^/]+\/(data|metadata|state)\/.*)$/;

export const isImmutable = (key: string): boolean => immutable.test(key);
