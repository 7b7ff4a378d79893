/** Schemas for the values of flags. */

import { z } from 'zod';
import { streams } from '../../lambdas/streams/registry.ts';
import { suggestion } from '../../lambdas/contract/closest-name.ts';

export { suggestion };

/** An integer within bounds, both included. */
export function wholeNumber(flag: string, { least, most }: { least: number; most: number }) {
  return z.string().transform((text, context) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most) return number;
    context.addIssue(`${flag} wants a whole number from ${least} to ${most}, not '${text}'`);
    return z.NEVER;
  });
}

/** A port of this machine. 0: any free port. */
export const port = (flag: string) => wholeNumber(flag, { least: 0, most: 65_535 });

/** The key of the API. An empty one is most often a variable that is not set. */
export const apiKeyFlag = z.string().min(1, '--api-key is empty: the variable that it is taken from may not be set');

/** A path of a file or folder. */
export const path = (flag: string) => z.string().min(1, `${flag} wants a path`);

/** A date or a time, converted to an ISO time in UTC. */
export const instant = (flag: string) =>
  z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], {
      error: ({ input }) =>
        `'${String(input)}' is no date: ${flag} wants one such as 2026-01-31 or 2026-01-31T12:00:00Z`,
    })
    .transform((text) => new Date(text).toISOString());

/** One of the `known` names. */
export const nameOf = <const T extends readonly string[]>(flag: string, known: T) =>
  z.enum(known, {
    error: ({ input }) =>
      `${flag}: there is no '${String(input)}'; ${suggestion(String(input), known, `it wants one of ${known.join(', ')}`)}`,
  });

/** One or more of the `known` names, separated by commas. The flag has to be a list, because it can be repeated. */
export function namesOf(flag: string, what: string, known: readonly string[]) {
  return z
    .array(z.string(), `${flag} wants one ${what} or several, such as ${known.slice(0, 2).join(',')}`)
    .transform((texts, context) => {
      const names = texts
        .flatMap((text) => text.split(','))
        .map((name) => name.trim())
        .filter((name) => name !== '');
      const unknown = names.filter((name) => !known.includes(name));
      const found = names.length === 0 ? `no ${what} is named` : `there is no ${what} '${unknown.join("', '")}'`;
      if (names.length === 0 || unknown.length > 0)
        context.addIssue(
          `${flag}: ${found}; ${suggestion(unknown.join(), known, `the ${what}s are ${known.join(', ')}`)}`,
        );
      return names;
    });
}

export const streamNames = (flag: string) =>
  namesOf(
    flag,
    'stream',
    streams.map(({ name }) => name),
  );
