import type { Column, ColumnType } from '../contract/column-types.ts';
import type { PersonalClass } from '../contract/personal-data.ts';
import type { Stream } from '../contract/stream.ts';

/** Declares one stream and keeps its literal types for `Row<typeof …>`. */
export function stream<const S extends Stream>(declaration: S): S {
  return declaration;
}

const column =
  <T extends ColumnType>(type: T) =>
  (description: string): Column<T> => ({ type, description });

export const text = column('string');
export const time = column('timestamp');
export const integer = column('integer');
export const number = column('number');
export const flag = column('boolean');
export const list = column('string_list');
export const json = column('json');

/** Marks a column that identifies a person, or that holds what a person wrote. */
export function personal<T extends ColumnType>(
  kind: PersonalClass,
  of: Column<T>,
): Column<T> & { personal: PersonalClass } {
  return { ...of, personal: kind };
}

/** The fields of every resource of the API. */
export const resource = {
  id: text('Identifier, unique within the workspace.'),
  object: text('Kind of resource, as the API names it.'),
  created_at: time('When the resource was created.'),
  updated_at: time('When the resource was last changed.'),
} as const;
