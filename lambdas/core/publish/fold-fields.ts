import { type FieldCount, type FieldCounts, type JsonType, jsonType } from '../../contract/field-counts.ts';
import type { KnownField, KnownFields, SchemaChange } from '../../contract/schema-changes.ts';
import type { Stream } from '../../contract/stream.ts';
import { maxFieldsOfObject } from '../rows/field-counter.ts';
import { suggestedColumn } from './suggest-column.ts';

/** What a run read of a table. */
export interface FieldReading {
  readonly counts: FieldCounts;
  /** Whether the whole list was read. Never true of a table that is read for each row of its parent. */
  readonly isComplete: boolean;
  /** For a table that is read for each row of its parent: how many parents were read, and how many there are. */
  readonly parents?: { readonly read: number; readonly of: number };
}

/** Fewer values do not show that a type is no longer in use, unless the whole list was read. */
const enoughValues = 20;
/**
 * A field is reported as gone if complete readings find it in no row, although its earlier share of the rows lets us
 * expect it in at least this many. The number of rows read proves nothing: a rare field is missing from most of them.
 * The number is higher for child tables, because the children of some parents are not a fair sample of all.
 */
const enoughLacking = { list: 5, children: 100 };
/** Most fields that are remembered of a table. */
export const maxKnown = 400;

export const nothingKnown: KnownFields = { isLearned: false, parentsRead: 0, fields: {}, maps: [] };

/** Adds what a reading of a table shows to its known fields, and lists the fields that changed. */
export function foldFields(
  stream: Stream,
  before: KnownFields,
  reading: FieldReading,
): { readonly after: KnownFields; readonly changes: readonly SchemaChange[] } {
  const { counts } = reading;
  const maps = mapsOf(before, counts);
  const isCounted = (name: string) => !maps.has(objectOf(name) ?? '');
  const fields: Record<string, KnownField> = {};
  const changes: SchemaChange[] = [];
  const tell = (field: string, what: SchemaChange['what'], change: Pick<SchemaChange, 'from' | 'to' | 'share'>) => {
    const seen = fieldOf(counts.fields, field);
    const suggestion = what === 'gone' || !seen ? null : suggestedColumn(stream, field, seen);
    changes.push({ table: stream.name, field, what, ...change, shape: seen?.shape ?? null, suggestion });
  };
  // Sorted, so that an object comes before its fields, whose names begin with its name.
  const names = new Set([...Object.keys(before.fields), ...Object.keys(counts.fields)].toSorted());
  for (const name of names) {
    if (!isCounted(name)) continue;
    const object = objectOf(name);
    const [known, seen] = [fieldOf(before.fields, name), fieldOf(counts.fields, name)];
    const share = (seen?.rows ?? 0) / Math.max(1, counts.rows);
    const shareWithValue = (seen ? valuesOf(seen) : 0) / Math.max(1, counts.rows);
    if (!seen && known) {
      // If the object that held the field is gone, or is no longer an object, only that is reported.
      if (object !== undefined && !fieldOf(fields, object)?.types.includes('object')) continue;
      const lacking = (known.lacking ?? 0) + expectedRows(known, fieldOf(before.fields, object), object, reading);
      const least = stream.parent ? enoughLacking.children : enoughLacking.list;
      if (before.isLearned && lacking >= least) tell(name, 'gone', { from: known.types, to: [], share: known.share });
      else fields[name] = { ...known, lacking };
    } else if (seen && !known) {
      if (Object.keys(fields).length >= maxKnown) continue;
      const types = typesOf(seen);
      fields[name] = { types, share };
      // If an object is new, its fields are not reported one by one.
      const isNews = object === undefined || fieldOf(before.fields, object)?.types.includes('object') === true;
      if (isNews && before.isLearned) tell(name, 'new', { from: [], to: types, share: shareWithValue });
      else if (!before.isLearned && hasNoColumn(seen))
        tell(name, 'undeclared', { from: [], to: types, share: shareWithValue });
    } else if (seen && known) {
      const { after, told } = foldTypes(known, seen, reading);
      const { types } = after;
      // A reading of changes only is not a fair sample of the list, so it does not set the share.
      fields[name] = { ...after, share: reading.isComplete || stream.parent ? share : known.share };
      if (known.types.length === 0 && types.length > 0 && hasNoColumn(seen))
        tell(name, before.isLearned ? 'new' : 'undeclared', { from: [], to: types, share: shareWithValue });
      if (told.length > 0 && before.isLearned && known.types.length > 0) {
        const rows = told.reduce((sum, type) => sum + (seen.types[type] ?? 0), 0);
        tell(name, 'another type', { from: known.types, to: typesOf(seen), share: rows / Math.max(1, counts.rows) });
      }
    }
  }
  const parentsRead = before.parentsRead + (reading.parents?.read ?? 0);
  const hasAll = stream.parent ? parentsRead >= (reading.parents?.of ?? Infinity) : reading.isComplete;
  const after = {
    isLearned: before.isLearned || (hasAll && counts.rows > 0),
    parentsRead,
    fields,
    maps: [...maps],
  };
  return { after, changes };
}

/** True if rows have values in a field that no column takes. */
function hasNoColumn({ fits }: FieldCount): boolean {
  return fits !== undefined;
}

/** Rows in which the field is not null. */
function valuesOf({ types }: FieldCount): number {
  return Object.values(types).reduce((sum, rows) => sum + rows, 0);
}

/** The types of a field after a reading, and those types that have to be reported as new. */
function foldTypes(
  known: KnownField,
  seen: FieldCount,
  { isComplete }: FieldReading,
): { readonly after: Pick<KnownField, 'types' | 'former'>; readonly told: readonly JsonType[] } {
  const types = typesOf(seen);
  const former = known.former ?? [];
  if (types.length === 0) return { after: { types: known.types, former }, told: [] };
  const unknown = types.filter((type) => !known.types.includes(type) && !former.includes(type));
  const hasLeft = !types.some((type) => known.types.includes(type)) && (isComplete || valuesOf(seen) >= enoughValues);
  const told = unknown.length > 0 ? unknown : hasLeft ? types : [];
  if (isComplete) return { after: { types }, told };
  if (hasLeft) return { after: { types, former: [...new Set([...former, ...known.types])] }, told };
  const all = [...new Set([...known.types, ...types])];
  return { after: { types: all, former: former.filter((type) => !all.includes(type)) }, told };
}

/** How many of the rows read should have had a field that none had. */
function expectedRows(
  { share }: KnownField,
  knownObject: KnownField | undefined,
  object: string | undefined,
  { counts, isComplete, parents }: FieldReading,
): number {
  if (!isComplete && !parents) return 0;
  if (object === undefined || !knownObject) return share * counts.rows;
  const objects = fieldOf(counts.fields, object)?.types.object ?? 0;
  return Math.min(1, share / Math.max(share, knownObject.share)) * objects;
}

function mapsOf(before: KnownFields, counts: FieldCounts): Set<string> {
  const maps = new Set([...before.maps, ...(counts.maps ?? [])]);
  const names = new Set([...Object.keys(before.fields), ...Object.keys(counts.fields)]);
  for (const [object, fields] of Map.groupBy(names, objectOf))
    if (object !== undefined && fields.length > maxFieldsOfObject) maps.add(object);
  return maps;
}

function objectOf(name: string): string | undefined {
  return name.includes('.') ? name.slice(0, name.indexOf('.')) : undefined;
}

/** Looks up own properties only: the API may name a field `constructor`, which every object inherits. */
function fieldOf<T>(fields: Readonly<Record<string, T>>, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function typesOf({ types }: FieldCount): JsonType[] {
  return jsonType.options.filter((type) => types[type] !== undefined);
}

/** The fields of several chunks together. */
export function sumFieldCounts(all: readonly FieldCounts[]): FieldCounts {
  const fields: Record<string, FieldCount> = {};
  for (const counts of all)
    for (const [name, field] of Object.entries(counts.fields)) fields[name] = sumOf(fieldOf(fields, name), field);
  const maps = [...new Set(all.flatMap((counts) => counts.maps ?? []))];
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    fields,
    maps,
    ...(all.some(({ isCut }) => isCut) ? { isCut: true } : {}),
  };
}

function sumOf(one: FieldCount | undefined, other: FieldCount): FieldCount {
  if (!one) return other;
  const unfit = one.unfit && other.unfit ? sumByType(one.unfit, other.unfit) : (one.unfit ?? other.unfit);
  const [shape, fits] = [one.shape ?? other.shape, intersection(one.fits, other.fits)];
  return {
    rows: one.rows + other.rows,
    types: sumByType(one.types, other.types),
    ...(unfit ? { unfit } : {}),
    ...(shape ? { shape } : {}),
    ...(fits ? { fits } : {}),
  };
}

function sumByType(one: FieldCount['types'], other: FieldCount['types']): FieldCount['types'] {
  const types = { ...one };
  for (const type of jsonType.options) if (other[type] !== undefined) types[type] = (types[type] ?? 0) + other[type];
  return types;
}

function intersection<T>(one: readonly T[] | undefined, other: readonly T[] | undefined): T[] | undefined {
  const either = one ?? other;
  return either && either.filter((each) => (other ?? either).includes(each));
}
