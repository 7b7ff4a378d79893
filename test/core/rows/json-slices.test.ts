import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedAnswerError, RequestRefusedError } from '../../../lambdas/core/errors.ts';
import { byteText } from '../../../lambdas/core/rows/charsets.ts';
import { isJson, membersOf, parseMembers, sliceList, sliceObject } from '../../../lambdas/core/rows/json-slices.ts';
import { anyJsonText, anySpace } from '../../support/json-text.ts';

const end = '"pagination":{"next_cursor":null,"has_more":false}';
const listOf = (rows: string) => `{"data":[${rows}],${end}}`;

const bytes = (text: string) => byteText(Buffer.from(text));

describe('parseMembers', () => {
  it('accepts exactly what JSON.parse reads as an object', () => {
    const damaged = fc
      .tuple(anyJsonText, fc.nat(), fc.constantFrom('', ',', ':', '"', '}', ']', '\\', '\u000b', ' ', '0', 'a'))
      .map(([text, at, piece]) => `${text.slice(0, at % text.length)}${piece}${text.slice((at % text.length) + 1)}`);
    const wrapped = fc
      .tuple(fc.array(fc.oneof(anyJsonText, damaged)), anySpace, fc.boolean())
      .map(([values, space, isList]) =>
        isList
          ? `${space}{"data"${space}:[${values.join(`${space},`)}]}${space}`
          : `{${values.map((value) => `"a":${value}${space}`).join(',')}}`,
      );
    fc.assert(
      fc.property(fc.oneof(wrapped, damaged, anyJsonText), (text) => {
        const isObject = isJson(text) && text.trimStart().startsWith('{');
        expect(parseMembers(text) !== undefined).toBe(isObject);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '',
    '{',
    '{}x',
    '{"a":1,}',
    '{"a":[1,]}',
    '{"a":[1 2]}',
    '{"a":[,1]}',
    '{"a" 1}',
    "{'a':1}",
    '{"a":[1}',
    '\ufeff{}',
  ])('does not read %j as an object', (text) => {
    expect(parseMembers(text)).toBeUndefined();
  });
});

describe('sliceList', () => {
  it('returns each row letter for letter, whatever is in it and around it', () => {
    fc.assert(
      fc.property(fc.array(anyJsonText), anySpace, anyJsonText, (rows, space, other) => {
        const text = `${space}{${space}"other"${space}:${other},"data"${space}:${space}[${space}${rows.join(`${space},${space}`)}${space}]${space},${end}${space},"request_id":"r"}${space}`;
        expect(sliceList(bytes(text)).rows).toEqual(rows.map(bytes));
      }),
    );
  });

  it('agrees with JSON.parse on the rows and the paging', () => {
    const answer = fc.record({
      data: fc.array(fc.jsonValue()),
      pagination: fc.record({ next_cursor: fc.option(fc.string({ minLength: 1 })), has_more: fc.option(fc.boolean()) }),
    });
    fc.assert(
      fc.property(answer, fc.nat(4), (value, indent) => {
        const { rows, pagination } = sliceList(bytes(JSON.stringify(value, null, indent)));
        expect(rows.map((row) => JSON.parse(row))).toEqual(JSON.parse(JSON.stringify(value.data)));
        expect(pagination).toEqual({ nextCursor: value.pagination.next_cursor, hasMore: value.pagination.has_more });
      }),
    );
  });

  it('is not misled by brackets, braces, quotes and backslashes inside strings', () => {
    const rows = ['{"a":"]},{\\"data\\":["}', '{"b":"\\\\"}', '"\\\\\\""', '{"data":[1,2]}'];
    expect(sliceList(bytes(listOf(rows.join(',')))).rows).toEqual(rows);
  });

  it('takes the last of two members with the same name, as JSON.parse does, even if the name has escapes', () => {
    expect(sliceList(bytes(`{"data":[1],"data":[2,3],${end}}`)).rows).toEqual(['2', '3']);
    expect(sliceList(bytes(`{"data":[1],"d\\u0061ta":[2],${end}}`)).rows).toEqual(['2']);
  });

  it('keeps numbers that a double cannot hold', () => {
    expect(sliceList(bytes(listOf('12345678901234567890,1e400,1.10'))).rows).toEqual([
      '12345678901234567890',
      '1e400',
      '1.10',
    ]);
  });

  it('has no cursor if the cursor is empty or null', () => {
    for (const pagination of ['{"next_cursor":""}', '{"next_cursor":null}']) {
      expect(sliceList(bytes(`{"data":[],"pagination":${pagination}}`)).pagination).toEqual({
        nextCursor: null,
        hasMore: null,
      });
    }
  });

  it('has the text of a cursor that is a number, letter for letter, and none if it is 0', () => {
    const cursorOf = (text: string) => sliceList(bytes(`{"data":[],"pagination":{"next_cursor":${text}}}`)).pagination;
    expect(cursorOf('9007199254740993')).toEqual({ nextCursor: '9007199254740993', hasMore: null });
    expect(cursorOf('0')).toEqual({ nextCursor: null, hasMore: null });
  });

  it.each([
    '"next_cursor":"two","has_more":true',
    '"meta":{"next_cursor":"two"}',
    '"links":{"self":"/leads","next":"/leads?page=2"}',
    '"_links":{"next":{"href":"/leads?page=2"}}',
    '"pageInfo":{"hasNextPage":true,"endCursor":"x"}',
    '"paging":{"next":{"after":"2"}}',
    '"pagination":{"page":1,"total_pages":3}',
    '"cursor":"two"',
    '"total":2',
    '"meta":{"total_count":"250"}',
  ])('goes on although it has no pagination, if the answer says so in another way: %s', (besides) => {
    expect(sliceList(bytes(`{"data":[1],${besides}}`))).toMatchObject({ pagination: undefined, goesOn: true });
  });

  it.each([
    '"next_cursor":null,"has_more":false',
    '"links":{"self":"/leads","next":null,"prev":"/leads?page=0"}',
    '"pageInfo":{"hasNextPage":false,"endCursor":"x"}',
    '"paging":{"next":{"after":""}},"more":"false"',
    '"total":1,"total_pages":1,"count":50,"limit":100,"request_id":"req_1"',
  ])('is the whole list otherwise: %s', (besides) => {
    expect(sliceList(bytes(`{"data":[1],${besides}}`))).toMatchObject({ pagination: undefined, goesOn: false });
  });

  it.each(['{}', '{"data":null}', '{"data":{}}', '{"data":"[]"}', '[]', '["data",[1]]', '"data"', '1', 'null'])(
    'refuses %s, which has no list under "data", as a malformed answer that can be retried',
    (text) => {
      expect(() => sliceList(bytes(text))).toThrow(MalformedAnswerError);
      expect(new MalformedAnswerError('x')).toMatchObject({ disposition: 'transient', code: 'malformed_answer' });
    },
  );

  it.each(['[]', '"x"', '{"next_cursor":{}}', '{"has_more":"yes"}'])(
    'refuses the pagination %s, which does not say whether the list continues',
    (pagination) => {
      expect(() => sliceList(bytes(`{"data":[],"pagination":${pagination}}`))).toThrow(MalformedAnswerError);
    },
  );

  it.each(['', ',"pagination":null', ',"pagination":{}'])('reports that a list has no pagination: %j', (rest) => {
    expect(sliceList(bytes(`{"data":[1]${rest}}`))).toEqual({ rows: ['1'], pagination: undefined, goesOn: false });
  });

  it('refuses a page with more rows than a function can hold, without a retry', () => {
    expect(sliceList(bytes(listOf(Array(200_000).fill('1').join()))).rows).toHaveLength(200_000);
    expect(() => sliceList(bytes(listOf(Array(200_001).fill('1').join())))).toThrow(RequestRefusedError);
  });

  it('handles 100,000 levels of nesting without recursion', () => {
    const deep = '[{"a":'.repeat(50_000) + 'null' + '}]'.repeat(50_000);
    expect(sliceList(bytes(listOf(`${deep},1`))).rows).toEqual([deep, '1']);
  });

  it('handles megabytes of quotes and backslashes in linear time', () => {
    const text = JSON.stringify('\\"'.repeat(1_000_000) + '\\'.repeat(1_000_000));
    const started = performance.now();
    expect(sliceList(bytes(listOf(`${text},${text}`))).rows).toEqual([text, text]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('sliceObject', () => {
  it('returns the object under "data" letter for letter', () => {
    expect(sliceObject('{"request_id":"r", "data" : { "id" : "x" , "n" : 1.0 } }')).toEqual({
      row: '{ "id" : "x" , "n" : 1.0 }',
    });
  });

  it.each(['{}', '{"data":null}', '{"data":[]}', '[]'])('refuses %s, which has no object under "data"', (text) => {
    expect(() => sliceObject(text)).toThrow(MalformedAnswerError);
  });
});

describe('membersOf', () => {
  it('agrees with JSON.parse on names and values', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.nat(3), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const members = [...membersOf(text)].map(([name, value]) => [name, JSON.parse(value)]);
        const parsed: object = JSON.parse(text);
        expect(new Map(members as [string, unknown][])).toEqual(new Map(Object.entries(parsed)));
      }),
    );
  });

  it('returns __proto__ and constructor like any other name', () => {
    expect([...membersOf('{"__proto__":1,"constructor":{}}')]).toEqual([
      ['__proto__', '1'],
      ['constructor', '{}'],
    ]);
  });
});
