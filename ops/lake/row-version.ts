import { createHash } from 'node:crypto';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** What of a row is compared: which row it is, and which version. Of a parsed row and of one from Parquet alike. */

type Fields = Readonly<Record<string, unknown>>;

/** The values of a row's key as one text, from which {@link keyParts} has them again. */
export function keyText(stream: Stream, row: Fields): string {
  const parts = stream.key.map((name) => String(row[name]));
  return parts.length === 1 ? (parts[0] ?? '') : JSON.stringify(parts);
}

export function keyParts(stream: Stream, key: string): string[] {
  if (stream.key.length === 1) return [key];
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? parts.map(String) : [];
}

/** Milliseconds since the epoch. */
export function timeOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}

/**
 * Columns that tell a version of a row which has no `updated_at`: those of the API that stand in the lake as
 * they came. What a second answer adds to a row is not read for an audit.
 * @param choice undefined where nobody knows what is withheld: then nothing personal is compared
 */
export function versionColumns(stream: Stream, choice: PersonalChoice | undefined): string[] {
  const named = [...(choice?.drop ?? []), ...(choice?.hash ?? [])];
  const keepsAll = choice !== undefined && named.length === 0;
  return Object.entries(stream.columns).flatMap(([name, { personal }]) => {
    const isWithheld = named.includes(`${stream.name}.${name}`) || (personal !== undefined && !keepsAll);
    return isWithheld || stream.detail?.fields.includes(name) ? [] : [name];
  });
}

export function digestOf(row: Fields, columns: readonly string[]): string {
  const values = columns.map((name) => {
    const value = row[name] ?? null;
    if (value instanceof Date) return value.getTime();
    return typeof value === 'bigint' ? String(value) : value;
  });
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22);
}
