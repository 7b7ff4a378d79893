/**
 * Keys of objects that never change: they are written under a condition, or under a new UUID. Receipts change, and so do
 * files of the history, which a later version of the code writes anew.
 */
const immutable = /^(runs\/[^/]+\/(plan\.json|rounds\/.*)|current\/[^/]+\/(data|metadata|state)\/.*)$/;

export const isImmutable = (key: string): boolean => immutable.test(key);
