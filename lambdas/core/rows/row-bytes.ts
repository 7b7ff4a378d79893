import { type ByteText, bytesOf, decodeUtf8 } from './charsets.ts';

/** Member of a row that holds bytes that are not UTF-8, as base64. */
const bytesMember = '_bytes';

/**
 * The JSON text of a row. If some of its bytes are not UTF-8, they are decoded as windows-1252, and the original bytes
 * of the whole row are kept under {@link bytesMember}.
 */
export function decodeRow(row: ByteText): string {
  const { text, isUtf8 } = decodeUtf8(row);
  return isUtf8 ? text : withBytes(text, bytesOf(row).toString('base64'));
}

/** Whether {@link decodeRow} or {@link withBytes} added bytes to this row. */
export function hasUndecodedBytes(row: string): boolean {
  return row.startsWith(`{${JSON.stringify(bytesMember)}:`);
}

/** Adds original bytes to the JSON text of a row. @param bytes of the row, or of each of its cells, as base64 */
export function withBytes(row: string, bytes: string | Readonly<Record<string, string>>): string {
  const member = `${JSON.stringify(bytesMember)}:${JSON.stringify(bytes)}`;
  if (!row.startsWith('{')) return `{${member},"row":${row}}`;
  const rest = row.slice(1).trimStart();
  return `{${member}${rest.startsWith('}') ? '' : ','}${rest}`;
}
