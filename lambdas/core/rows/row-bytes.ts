import { bytesOf, isReadable, readableText } from './charsets.ts';

/** Member of a row under which bytes stand that were not of the charset of the answer or file, as base64. */
const bytesMember = '_bytes';

/**
 * The JSON text of a row, readable. If bytes of it were not of its charset, they are read as windows-1252, and the
 * whole row as it came is kept beside them under {@link bytesMember}.
 */
export function keepBytes(row: string): string {
  return isReadable(row) ? row : withMember(readableText(row), bytesOf(row).toString('base64'));
}

/** @param bytes of the row, or of each of its cells, as base64 */
export function withMember(row: string, bytes: string | Readonly<Record<string, string>>): string {
  const member = `${JSON.stringify(bytesMember)}:${JSON.stringify(bytes)}`;
  if (!row.startsWith('{')) return `{${member},"row":${row}}`;
  const rest = row.slice(1).trimStart();
  return `{${member}${rest.startsWith('}') ? '' : ','}${rest}`;
}
