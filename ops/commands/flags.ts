import { z } from 'zod';
import { streams } from '../../lambdas/streams/registry.ts';

/** Values of flags that several commands take. */

/** A date or a time, as ISO time. */
export const instant = (flag: string) =>
  z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], {
      error: `${flag} wants a date such as 2026-01-31 or 2026-01-31T12:00:00Z`,
    })
    .transform((text) => new Date(text).toISOString());

const known = new Set(streams.map(({ name }) => name));

/** Names of streams, separated by commas. */
export const streamList = z
  .string('--stream wants the streams to read, such as leads,campaigns')
  .transform((text, context) => {
    const names = text.split(',').map((name) => name.trim());
    const foreign = names.filter((name) => !known.has(name));
    if (foreign.length > 0)
      context.addIssue(`there is no stream '${foreign.join("', '")}'; the streams are ${[...known].join(', ')}`);
    return names;
  });
