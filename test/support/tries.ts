/**
 * Number of tries of a suite with random input, or of one that kills at every step: few in `npm test`, many in `npm run
 * test:long`, which runs each suite that imports this file again with MANY_TRIES. The mutation tests set it as well.
 */
export const tries = (few: number, many: number): number => (process.env['MANY_TRIES'] === undefined ? few : many);

/** A suite kills at one step in this many, and at every step if MANY_TRIES is set. */
export const stride = tries(5, 1);
