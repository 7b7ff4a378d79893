/** The flags of `npx prospect-lake simulator`, and the options that each flag sets. */

import { z } from 'zod';
import { camelCase } from '../cli/command-line.ts';
import { namesOf, port, wholeNumber } from '../cli/flag-values.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { timeForms } from './instant.ts';
import { orders } from './listing.ts';
import { readOperations } from './operations.ts';
import { charsets, leadBounds, type SimulatorOptions } from './options.ts';

type Options = Omit<SimulatorOptions, 'epochs' | 'now' | 'eventBody'>;

interface Flag {
  readonly value?: string;
  readonly isList?: boolean;
  readonly help: string;
  readonly options: (flag: string) => z.ZodType<Options>;
}

const many = { least: 0, most: 1_000_000_000 };

function whole(help: string, set: (value: number) => Options, bounds = many, value = '<n>'): Flag {
  return { value, help, options: (flag) => wholeNumber(flag, bounds).transform(set) };
}

function percent(help: string, set: (share: number) => Options): Flag {
  return whole(help, (value) => set(value / 100), { least: 0, most: 100 }, '<percent>');
}

function yes(help: string, options: Options): Flag {
  return { help, options: () => z.literal(true).transform(() => options) };
}

function choice<T extends string>(help: string, values: readonly T[], set: (value: T) => Options): Flag {
  const wanted = (flag: string) => `${flag} wants ${values.join(' or ')}`;
  return { value: `<${values.join('|')}>`, help, options: (flag) => z.enum(values, wanted(flag)).transform(set) };
}

function names(help: string, what: string, known: readonly string[], set: (names: string[]) => Options): Flag {
  return { value: `<${what},…>`, isList: true, help, options: (flag) => namesOf(flag, what, known).transform(set) };
}

const tableNames = streams.map(({ name }) => name);
const scopes = [...new Set(readOperations().map(({ scope }) => scope))];
const tables = (help: string, set: (names: string[]) => Options) => names(help, 'table', tableNames, set);

export const optionFlags: Readonly<Record<string, Flag>> = {
  leads: whole('number of leads in the workspace', (leads) => ({ leads }), leadBounds),
  seed: whole(
    'seed of all random data: with the same time of start, the same seed gives the same workspace',
    (seed) => ({ seed }),
  ),
  port: {
    value: '<port>',
    help: 'port on 127.0.0.1; default: any free port',
    options: (flag) => port(flag).transform((port) => ({ port })),
  },
  latency: whole('wait before each answer', (latencyMilliseconds) => ({ latencyMilliseconds }), many, '<ms>'),
  'requests-per-minute': whole(
    'maximum number of requests per minute; default: 0, which is no limit',
    (requestsPerMinute) => ({
      requestsPerMinute,
    }),
  ),
  'limit-as-forbidden': yes('answer requests over the limit with 403 instead of 429', { limitStatus: 403 }),
  'without-scopes': names('scopes that the key lacks', 'scope', scopes, (lacking) => ({
    scopes: scopes.filter((scope) => !lacking.includes(scope)),
  })),
  order: choice('order of all lists', ['usual', ...orders], (order) => ({ order })),
  'offset-cursors': yes('cursors count rows, so a deleted row shifts the pages after it', { cursors: 'offset' }),
  'cursor-minutes': whole('answer cursors older than this with 404', (cursorMinutes) => ({ cursorMinutes })),
  'filter-seconds': yes('time filters ignore fractions of a second', { filterUnit: 'second' }),
  'after-inclusive': yes('updated_after and created_after include the given time', { afterInclusive: true }),
  'empty-pages': whole('number of empty pages before each page', (emptyPages) => ({ emptyPages })),
  unpaged: tables('give each of these lists as one page without pagination', (unpaged) => ({ unpaged })),
  'lag-minutes': whole('show each change this many minutes late', (lagMinutes) => ({ lagMinutes })),
  'quiet-parents': yes('a new day adds children without changing their parents', { quietParents: true }),
  losses: yes('a new day also deletes, merges and restores leads', { losses: true }),
  'stray-ids': percent('share of requests for an existing row by id that are answered with 404', (strayIds) => ({
    strayIds,
  })),
  'stray-children': percent(
    'share of requests for the rows below an existing row that are answered with 404',
    (strayChildren) => ({ strayChildren }),
  ),
  'stray-pages': percent('share of requests with a cursor that are answered as if it had expired', (strayPages) => ({
    strayPages,
  })),
  empty: tables('answer these lists as if they had no rows', (empty) => ({ empty })),
  half: tables('end these lists after half of their rows', (half) => ({ half })),
  erring: tables('answer these lists with errors and status 200', (erring) => ({ erring })),
  'merged-as-other': yes('answer a merged row with the row that it was merged into', { mergedStatus: 200 }),
  'merged-as-missing': yes('answer a merged row with 404 instead of 301', { mergedStatus: 404 }),
  'time-form': choice('format of times', timeForms, (timeForm) => ({ timeForm })),
  charset: choice('encoding of answers', charsets, (charset) => ({ charset })),
  'numeric-ids': yes('use numbers as ids', { numericIds: true }),
  'custom-fields': yes('give leads two fields that have no column: lead_score and taxId', { customFields: true }),
  'import-errors-per-row': whole(
    'number of errors of an import that share a row',
    (count) => ({ importErrorsPerRow: count }),
    {
      least: 1,
      most: 100,
    },
  ),
};

export const simulatorInput = z
  .object({ newDay: wholeNumber('--new-day', { least: 1, most: 86_400 }).optional() })
  .catchall(z.unknown())
  .transform(({ newDay, ...given }, context) => {
    let options: Options = {};
    for (const [name, { options: schema }] of Object.entries(optionFlags)) {
      const value = given[camelCase(name)];
      if (value === undefined) continue;
      const result = schema(`--${name}`).safeParse(value);
      if (result.success) options = { ...options, ...result.data };
      else for (const { message } of result.error.issues) context.addIssue(message);
    }
    return { newDay, options };
  });
