/** Valid but unusual or broken forms of a row that no page of the documentation shows. */

import type { Column } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { Row } from '../../local/simulator/data/table.ts';

/** Stands, in the text of a row, for a byte that is not valid UTF-8. */
export const invalidByteMark = '\uE000';

/** A row under construction, and what the lake must make of it. */
export class Draft {
  readonly texts = new Map<string, string>();
  /** Expected values of columns that differ from those of the row. */
  readonly columns: Record<string, string | null> = {};
  readonly extra = new Set<string>();
  /** A field that the row has twice: its name, and the value that comes before the last one. */
  repeated: [name: string, text: string] | undefined;
  between = '';
  whole: string | undefined;
  rejected = false;
  readonly original: string;
  id: string | undefined;

  constructor(stream: Stream, row: Row) {
    for (const [name, value] of Object.entries(row))
      if (value !== undefined) this.texts.set(name, JSON.stringify(value));
    for (const name of this.texts.keys())
      if (!Object.hasOwn(stream.columns, name) && name !== stream.parent?.key) this.extra.add(name);
    this.original = String(row['id'] ?? row['row']);
    this.id = row['id'] === undefined ? undefined : String(row['id']);
  }

  set(name: string, text: string, value: string | null, inExtra = false): void {
    this.texts.set(name, text);
    this.columns[name] = value;
    if (inExtra) this.extra.add(name);
    else this.extra.delete(name);
  }

  add(name: string, text: string): void {
    this.texts.set(name, text);
    this.extra.add(name);
  }
}

export type Form = (draft: Draft, pick: <T>(values: readonly T[]) => T, column: [name: string, Column]) => void;

/** The kind of a column's values. Ids are a kind of their own, because they are converted by rules of their own. */
type Kind = Column['type'] | 'id';

const misfits: Readonly<Record<Kind, readonly string[]>> = {
  id: ['true', '{"a":[1,2]}', '["x"]'],
  string: ['12345', 'true', '{"a":[1,2]}', '["x"]', '9007199254740993'],
  timestamp: ['1710000000', '"yesterday"', '"2026-02-30T00:00:00Z"', '{}', '""'],
  date: ['20260310', '"2026-02-30"', '"2026-03-10T00:00:00Z"', '{}', '""'],
  integer: ['"12"', '1.5', '9223372036854775808', '123456789012345678901234567890', 'false'],
  number: ['"0.5"', 'true', '1e999', '[]'],
  boolean: ['"true"', '1', '{}'],
  string_list: ['"a;b"', '[1]', '[null]', '{}', '[["a"]]'],
  json: [],
};

/** Valid values in unusual spellings: text, the column's value, and whether the text says more than the value. */
const spellings: Readonly<Record<Kind, readonly (readonly [string, string, boolean])[]>> = {
  // A numeric id becomes its digits. A lone surrogate becomes U+FDD0 followed by its hexadecimal code, and so does
  // U+FDD0 itself.
  id: [
    ['12345', '12345', false],
    ['9007199254740993', '9007199254740993', false],
    ['"\\ud83d\\ude00"', '😀', false],
    ['"\\ud800x"', '\uFDD0d800x', true],
    ['"x\\udfff\\ud800"', 'x\uFDD0dfff\uFDD0d800', true],
    ['"\\ufdd0d800x"', '\uFDD0fdd0d800x', true],
  ],
  string: [
    ['"\\u0000\\u001f \\uD83D\\uDE00 \\/\\ud83d\\ude00"', '\u0000\u001f 😀 /😀', false],
    ['"\\ud800x"', '\uFFFDx', true],
    [`"a${invalidByteMark}b"`, `a${invalidByteMark}b`, false],
    ['"__proto__"', '__proto__', false],
  ],
  timestamp: [
    ['"2026-03-10T14:00:00+02:00"', String(Date.UTC(2026, 2, 10, 12)), false],
    ['"2026-03-10T06:30:00.250-0530"', String(Date.UTC(2026, 2, 10, 12, 0, 0, 250)), false],
    ['"2026-03-10T12:00:00"', String(Date.UTC(2026, 2, 10, 12)), false],
    ['"2026-03-10T12:00:00.123000Z"', String(Date.UTC(2026, 2, 10, 12, 0, 0, 123)), false],
    ['"2026-03-10T12:00:00.123456Z"', String(Date.UTC(2026, 2, 10, 12, 0, 0, 123)), true],
  ],
  date: [],
  integer: [
    ['9007199254740993', '9007199254740993', false],
    ['-9223372036854775808', '-9223372036854775808', false],
    ['7.0', '7', false],
  ],
  number: [
    ['9007199254740993', '9007199254740992', true],
    ['0.1234567890123456789', String(Number('0.1234567890123456789')), true],
    ['1.10', '1.1', false],
    ['2e3', '2000', false],
  ],
  boolean: [],
  string_list: [['["a\\ud800","b"]', '["a\uFFFD","b"]', true]],
  json: [['{"n": 9007199254740993}', '{"n":9007199254740992}', false]],
};

const unfitIds = ['null', '""', 'true', '{}', JSON.stringify('x'.repeat(257))];
/**
 * Values in place of a row. Each contains the row's id, because pages with the same text would look like a repeated
 * page.
 */
const noRows: readonly ((id: string) => string)[] = [
  (id) => `[null,"${id}"]`,
  (id) => `"${id}"`,
  (id) => `[{"id":"${id}"}]`,
];
/** Sizes in bytes of a large field: one in twenty is too large for the function that read it to convert it. */
const blobSizes = [...Array<number>(19).fill(50_000), 5_000_000];
const hostileIds: readonly ((id: string) => string)[] = [
  (id) => `../../${id}`,
  (id) => `a/b/${id}`,
  (id) => `%2e%2e%2f${id}`,
  (id) => `${id}\u0000\u001f`,
  (id) => `é😀\uFFFF\uFFFE${id}`,
  (id) => `${id}?x=1#y&z`,
  (id) => ` ${id}\n"'\\`,
  (id) => id.padEnd(256, '.'),
];

/** An id of another row, such as `lead_id`, is written as the id of that row is, so that the two can be joined. */
function kindOf([name, { type }]: [name: string, Column]): Kind {
  return type === 'string' && name.endsWith('_id') ? 'id' : type;
}

export const forms = {
  misfit: (draft, pick, column) => {
    const texts = misfits[kindOf(column)];
    if (texts.length > 0) draft.set(column[0], pick(texts), null, true);
  },
  spelling: (draft, pick, column) => {
    const ways = spellings[kindOf(column)];
    if (ways.length > 0) draft.set(column[0], ...pick(ways));
  },
  undeclared: (draft, pick) => {
    for (const [name, text] of pick([
      [['x_score', '9007199254740993']],
      [
        ['__proto__', '{"a":1.000000000000000000001}'],
        ['constructor', 'null'],
      ],
      [
        ['', '-0'],
        ['x "quoted" \n', '"\\ud800"'],
      ],
      [['x_deep', `${'['.repeat(3_000)}${']'.repeat(3_000)}`]],
    ] as const))
      draft.add(name, text);
  },
  large: (draft, pick) => draft.add('x_blob', `"${'x'.repeat(pick(blobSizes))}"`),
  repeated: (draft) => {
    draft.add('x_twice', '2');
    draft.repeated = ['x_twice', '1'];
  },
  spread: (draft, pick) => {
    draft.between = pick([' ', '\r\n\t', '\n']);
  },
  'no key': (draft, pick) => {
    // Keeps the id in another field, because pages with the same text would look like a repeated page.
    draft.texts.set('x_id', draft.texts.get('id') ?? '');
    draft.texts.set('id', pick(unfitIds));
    draft.rejected = true;
  },
  'no row': (draft, pick) => {
    draft.whole = pick(noRows)(draft.original);
    draft.rejected = true;
  },
  'hostile id': (draft, pick) => {
    if (draft.id === undefined || draft.rejected) return;
    draft.id = pick(hostileIds)(draft.original);
    draft.set('id', JSON.stringify(draft.id), draft.id);
  },
} as const satisfies Record<string, Form>;

export type FormName = keyof typeof forms;
// Object.keys returns plain strings.
export const formNames = Object.keys(forms) as FormName[];
