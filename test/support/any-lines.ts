import fc from 'fast-check';
import type { ColumnType, ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { escaped } from './json-text.ts';

/** A column's type; ids are read in their own way. */
export type Kind = ColumnType | 'id';

export function kindOf({ columns, key }: Stream, name: string): Kind {
  const type = columns[name]?.type ?? 'json';
  return type === 'string' && (key.includes(name) || name === 'id' || name.endsWith('_id')) ? 'id' : type;
}

/** A JSON value as the API may write it. */
export interface GivenValue {
  readonly text: string;
  /** For each type of column that the value fits: the column's value. Any JSON fits a `json` column. */
  readonly fits: Partial<Record<Kind, { readonly value: ColumnValue; readonly exact: boolean }>>;
}

/** A row as the API may write it: its members in the order and with the spelling of `text`. */
export interface GivenRow {
  readonly text: string;
  /** A repeated name has its last value, but the place where it first occurred. */
  readonly members: ReadonlyMap<string, GivenValue>;
}

/** White space within a line. */
const anySpace = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 });

const exact = (value: ColumnValue) => ({ value, exact: true });
const inexact = (value: ColumnValue) => ({ value, exact: false });

function string(value: string, text: string): GivenValue {
  const id = value.replaceAll(/[\ud800-\udfff\ufdd0]/gu, (unit) => `\ufdd0${unit.charCodeAt(0).toString(16)}`);
  return {
    text,
    fits: {
      string: { value: value.toWellFormed(), exact: value.isWellFormed() },
      id: { value: id, exact: id === value },
    },
  };
}

function time(text: string, date: string, isExact: boolean): GivenValue {
  const { fits, ...given } = string(text, JSON.stringify(text));
  return { ...given, fits: { ...fits, timestamp: { value: new Date(date), exact: isExact } } };
}

const anyString = fc.oneof(
  fc.string({ unit: 'binary' }).map((value) => string(value, JSON.stringify(value))),
  fc.string({ unit: 'binary' }).map((value) => string(value, escaped(value))),
  fc.constantFrom(
    string('', '""'),
    string('a/b', '"a\\/b"'),
    string('\ud800', '"\\ud800"'),
    string('é😀', '"é\\ud83d\\ude00"'),
    string('\ufdd0', '"\ufdd0"'),
    string('"\\"', '"\\"\\\\\\""'),
    string('x'.repeat(257), `"${'x'.repeat(257)}"`),
    string('2026-02-29T00:00:00.000Z', '"2026-02-29T00:00:00.000Z"'),
  ),
);

const anyTime = fc.oneof(
  fc
    .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    .map((date) => time(date.toISOString(), date.toISOString(), true)),
  fc.constantFrom(
    time('2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z', true),
    time('2026-03-10T12:00:00.123456Z', '2026-03-10T12:00:00.123Z', false),
    time('2026-03-10T12:00:00+02:00', '2026-03-10T10:00:00.000Z', true),
    time('2026-03-10T12:00', '2026-03-10T12:00:00.000Z', true),
    time('2026-03-10T12:00:00,5Z', '2026-03-10T12:00:00.500Z', true),
  ),
);

const day = (text: string, value: Date | undefined): GivenValue => {
  const { fits, ...given } = string(text, JSON.stringify(text));
  return { ...given, fits: { ...fits, ...(value === undefined ? {} : { date: exact(value) }) } };
};
const anyDay = fc.oneof(
  fc.integer({ min: -719_528, max: 2_932_896 }).map((days) => {
    const value = new Date(days * 86_400_000);
    return day(value.toISOString().slice(0, 10), value);
  }),
  fc.constantFrom(day('2026-02-29', undefined), day('2026-13-01', undefined), day('2026-3-1', undefined)),
);

const number = (text: string, fits: GivenValue['fits']): GivenValue => ({ text, fits: { ...fits, id: exact(text) } });
const anyNumber = fc.oneof(
  fc.maxSafeInteger().map((value) => number(String(value), { integer: exact(BigInt(value)), number: exact(value) })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, noInteger: true })
    .map((value) => number(JSON.stringify(value), { number: exact(value) })),
  fc.constantFrom(
    number('0', { integer: exact(0n), number: exact(0) }),
    number('5.0', { integer: exact(5n), number: exact(5) }),
    number('2e3', { number: exact(2_000) }),
    number('1.10', { number: exact(1.1) }),
    number('1e400', {}),
    number('9007199254740993', { integer: exact(9_007_199_254_740_993n), number: inexact(9_007_199_254_740_992) }),
    number('-9223372036854775808', { integer: exact(-(2n ** 63n)), number: exact(-(2 ** 63)) }),
    number('9223372036854775808', { number: exact(2 ** 63) }),
    number('0.1000000000000000055511151231257827', { number: inexact(0.1) }),
  ),
);

const anyList = fc.tuple(fc.array(anyString, { maxLength: 3 }), anySpace).map(([items, space]) => ({
  text: `[${space}${items.map(({ text }) => text).join(`${space},${space}`)}${items.length > 0 ? space : ''}]`,
  fits: {
    string_list: {
      value: items.map(({ fits }) => String(fits.string?.value)),
      exact: items.every(({ fits }) => fits.string?.exact),
    },
  },
}));

const anyOther = fc.oneof(
  fc.constantFrom<GivenValue>(
    { text: 'true', fits: { boolean: exact(true) } },
    { text: 'false', fits: { boolean: exact(false) } },
    { text: '["a",1]', fits: {} },
    { text: '{"a":{"b":[1.10]},"a":"\\u0041"}', fits: {} },
  ),
  fc.jsonValue({ maxDepth: 2 }).map((value) => ({ text: JSON.stringify({ value }), fits: {} })),
);

const nothing: GivenValue = { text: 'null', fits: {} };

const usual: { readonly [K in Kind]: fc.Arbitrary<GivenValue> } = {
  id: anyString,
  string: anyString,
  timestamp: anyTime,
  date: anyDay,
  integer: anyNumber,
  number: anyNumber,
  boolean: anyOther,
  string_list: anyList,
  json: fc.oneof(anyOther, anyList, anyNumber, anyString),
};

/** Rows of a stream: most fields are declared and fit, others are missing, odd, repeated or unknown. */
export function anyRowOf(stream: Stream, parent: string): fc.Arbitrary<GivenRow> {
  const anything = fc.oneof(anyString, anyTime, anyNumber, anyList, anyOther, fc.constant(nothing));
  const declared = Object.entries(stream.columns).map(([name, { field = name }]) => {
    const value = fc.oneof(
      { weight: 12, arbitrary: usual[kindOf(stream, name)] },
      { weight: 2, arbitrary: fc.constant(nothing) },
      { weight: 1, arbitrary: anything },
    );
    return fc.tuple(fc.constant(field), value);
  });
  const unknown = fc.tuple(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('7', '__proto__', '_run_id', ...Object.keys(stream.columns)),
    ),
    anything,
  );
  const ofParent = stream.parent
    ? [
        fc.tuple(
          fc.constant(stream.parent.key),
          fc.oneof(fc.constant(string(parent, JSON.stringify(parent))), anything),
        ),
      ]
    : [];
  const rare = { freq: 4 } as const;
  return fc
    .tuple(
      fc.tuple(...declared.map((member) => fc.option(member, { freq: 8 }))),
      fc.tuple(...ofParent.map((member) => fc.option(member))),
      fc.option(fc.array(unknown, { maxLength: 2 }), { freq: 1 }),
      fc.option(fc.nat(), rare),
      fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: anySpace }),
      fc.boolean(),
    )
    .map(([own, parents, extra, rotation, space, isEscaped]) => {
      const members = [...parents, ...own, ...(extra ?? [])].filter((member) => member !== null);
      const at = (rotation ?? 0) % Math.max(1, members.length);
      return rowOf([...members.slice(at), ...members.slice(0, at)], space, isEscaped && extra !== null);
    });
}

function rowOf(members: readonly (readonly [string, GivenValue])[], space: string, isEscaped: boolean): GivenRow {
  const texts = members.map(([name, { text }]) => {
    const quoted = isEscaped ? escaped(name) : JSON.stringify(name);
    return `${quoted}${space}:${space}${text}`;
  });
  return { text: `{${space}${texts.join(`${space},${space}`)}${space}}`, members: new Map(members) };
}
