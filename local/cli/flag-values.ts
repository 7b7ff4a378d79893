import { z } from 'zod';
import { UsageError } from './usage-error.ts';

/**
 * The whole number that a flag was given, or undefined where it was not.
 * @throws UsageError with one line about what is wrong
 */
export function wholeNumber(
  flag: string,
  text: string | undefined,
  { least, most }: { least: number; most: number },
): number | undefined {
  if (text === undefined) return undefined;
  const number = z.coerce
    .number()
    .int()
    .min(least)
    .max(most)
    // An empty text would be 0.
    .safeParse(text.trim() === '' ? Number.NaN : text);
  if (number.success) return number.data;
  throw new UsageError(`${flag} wants a whole number from ${least} to ${most.toLocaleString('en-US')}, not '${text}'.`);
}

/** A port of this machine; 0: any that is free. */
export function portNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${flag} wants a port from 0 to 65535, not '${text}'.`);
}
