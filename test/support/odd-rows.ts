import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { Row } from '../../local/simulator/data/table.ts';
import type { Charset } from '../../local/simulator/options.ts';
import { type CurrentRow, hasSameContent } from '../../local/simulator/truth/content.ts';
import type { PresentRow } from '../../local/simulator/truth/timeline.ts';
import { plainValue } from './lake-oracle.ts';
import { Draft, type Form, type FormName, forms, invalidByteMark } from './odd-forms.ts';

export interface Oddity {
  readonly form: FormName;
  readonly stream: string;
  /** Indexes of the column and of the form's variant; taken modulo their number. */
  readonly column: number;
  readonly variant: number;
  /** One in this many rows has the form. */
  readonly every: number;
}

/** A row as the API returns it: JSON text, in which `invalidByteMark` stands for a byte that is not UTF-8. */
export interface OddRow {
  readonly text: string;
  /** Whether a row of the current table has the same content as this row. */
  readonly matches: (current: CurrentRow) => boolean;
  /** Whether the row must go to `rejected_rows`, because it has no usable key. */
  readonly isRejected: boolean;
  /** The id as the API returns it; undefined if it is not an id or cannot be part of a URL. */
  readonly id: string | undefined;
  /** Another row's id in a field of this row, as text; undefined if the field holds no id. */
  readonly idIn: (field: string) => string | undefined;
}

/** Gives rows of the workspace the unusual forms that a plan asks for. The same row always has the same form. */
export class OddRows {
  readonly #oddities: readonly Oddity[];
  readonly #charset: Charset;
  /** The workspace's ids, by stream and the id that the API returns instead. */
  readonly #originals = new Map<string, string>();

  /** @param charset character set that the API declares for its answers */
  constructor(oddities: readonly Oddity[], charset: Charset) {
    this.#oddities = oddities;
    this.#charset = charset;
  }

  /** The odd form of a row. @param parent id of the row's parent, as the API returns it */
  of(stream: Stream, row: Row, parent?: string): OddRow {
    const draft = new Draft(stream, row);
    const own = stream.parent && row[stream.parent.key];
    // If the row names a parent other than the requested one, the key has the requested parent, and `_extra` the named
    // one.
    if (stream.parent && own !== undefined && own !== null && String(own) !== parent)
      draft.extra.add(stream.parent.key);
    const number = numberOf(row);
    for (const { form, column, variant, every } of this.#oddities.filter((oddity) => oddity.stream === stream.name)) {
      // A few large rows are as hard to handle as many, and take less time.
      if (number % (form === 'large' ? every * 5 : every) !== 0 || !isPossible(form, stream)) continue;
      const apply: Form = forms[form];
      const free = Object.entries(stream.columns).filter(([name]) => isFree(stream, name));
      const chosen = free[column % free.length];
      if (chosen) apply(draft, (values) => oneOf(values, variant), chosen);
    }
    if (draft.rejected) draft.id = undefined;
    if (draft.id !== undefined) this.#originals.set(`${stream.name}/${draft.id}`, String(row['id']));
    return {
      text: textOf(draft),
      id: draft.id,
      idIn: (field) => idText(draft.texts.get(field)),
      isRejected: draft.rejected,
      matches: (current) => !draft.rejected && matchesDraft(current, draft, { stream, row, charset: this.#charset }),
    };
  }

  /** What the API returns for a row, as the oracle needs it. */
  readonly presentRow: PresentRow = (stream, row, parent) => {
    const { id, idIn, isRejected, matches } = this.of(stream, row, parent);
    return isRejected ? undefined : { id, idIn, matches };
  };

  /** The workspace's id of the row that the API returned with this id; undefined if it returned none. */
  originalOf(stream: string, id: string): string | undefined {
    return this.#originals.get(`${stream}/${id}`);
  }
}

/** Whether the stream can have the form. `no row` needs a list: in place of a single object it spoils the answer. */
function isPossible(form: FormName, stream: Stream): boolean {
  if (form === 'no key') return stream.key.includes('id');
  return form !== 'no row' || stream.shape === 'list';
}

/** Whether a form may change the column: it is not in the key, not the cursor, and not a field of the detail. */
function isFree(stream: Stream, name: string): boolean {
  const bound = [...stream.key, stream.cursor?.field, ...(stream.detail?.fields ?? [])];
  return !bound.includes(name);
}

function numberOf({ id, row }: Row): number {
  if (typeof id === 'string') return Number.parseInt(id.slice(-6), 16) || 0;
  return typeof id === 'number' ? id % 0x100_0000 : Number(row ?? 0);
}

function oneOf<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError('There is nothing to choose from.');
  return value;
}

function textOf({ texts: own, repeated, between, whole }: Draft, texts = own): string {
  if (whole !== undefined) return whole;
  const members = [...(repeated ? [repeated] : []), ...texts].map(
    ([name, text]) => `${between}${JSON.stringify(name)}${between}:${between}${text}${between}`,
  );
  return `{${members.join(',')}}`;
}

/** The id that a JSON text writes: a string, or the digits of a number. */
function idText(text = 'null'): string | undefined {
  const value: unknown = JSON.parse(text);
  return typeof value === 'number' ? text : typeof value === 'string' ? value : undefined;
}

/** The text of a row as bytes: UTF-8, except for the bytes that `invalidByteMark` stands for. */
export function bytesOfText(text: string): Buffer {
  return Buffer.concat(
    text
      .split(invalidByteMark)
      .flatMap((part, index) => [...(index === 0 ? [] : [Buffer.from([0xff])]), Buffer.from(part)]),
  );
}

/** Whether a current row matches the draft. What the form changed must match exactly, the rest as in any other row. */
function matchesDraft(
  current: CurrentRow,
  draft: Draft,
  { stream, row, charset }: { stream: Stream; row: Row; charset: Charset },
): boolean {
  const { texts, columns, extra } = draft;
  const members = [...extra].map((name) => `${JSON.stringify(name)}:${texts.get(name)}`);
  const found = typeof current['_extra'] === 'string' ? current['_extra'] : '{}';
  const all = JSON.parse(found) as Record<string, unknown>;
  // Text with invalid UTF-8 is read as windows-1252, and the row's own bytes are kept.
  const isBroken = charset === 'utf-8' && textOf(draft).includes(invalidByteMark);
  const bytesOf = (fields: Draft['texts']) => bytesOfText(unbroken(textOf(draft, fields))).toString('base64');
  // `_bytes` may hold the API's own text, in which the parent's id is last or missing. In `row` it comes first.
  const withoutParent = [...texts].filter(([name]) => name !== stream.parent?.key);
  const possible = [texts, new Map(withoutParent), new Map([...withoutParent, ...texts])];
  const isKept = !isBroken || possible.some((each) => all['_bytes'] === bytesOf(each));
  const isChanged = (name: string) =>
    extra.has(name) || Object.hasOwn(columns, name) || (isBroken && name === '_bytes');
  const others = Object.entries(all).filter(([name]) => !isChanged(name));
  const unchanged = Object.entries(row).filter(([name]) => !isChanged(name));
  const rest = Object.fromEntries(Object.entries(stream.columns).filter(([name]) => !isChanged(name)));
  return (
    isKept &&
    members.every((member) => found.includes(member)) &&
    Object.entries(columns).every(
      ([name, value]) =>
        plainValue(typeOf(stream, name), current[name] ?? null) ===
        (value?.replaceAll(invalidByteMark, charset === 'utf-8' ? 'ÿ' : '\uFFFD') ?? null),
    ) &&
    hasSameContent(
      { ...stream, columns: rest },
      { ...current, _extra: JSON.stringify(Object.fromEntries(others)) },
      Object.fromEntries(unchanged),
    )
  );
}

/** A row is one line of a raw chunk, so line breaks between its tokens are not kept. */
function unbroken(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function typeOf({ columns }: Stream, name: string): ColumnType {
  return columns[name]?.type ?? 'string';
}
