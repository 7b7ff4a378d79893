import zlib from 'node:zlib';
import type { ColumnMetaData, DataReader, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { parquetFooter } from './read-columns.ts';

/** Encodings whose pages hold each distinct text whole. Others leave out what a text shares with the one before it. */
const whole: ReadonlySet<string | undefined> = new Set([
  'PLAIN',
  'PLAIN_DICTIONARY',
  'RLE_DICTIONARY',
  'DELTA_LENGTH_BYTE_ARRAY',
]);

/**
 * The decompressed pages of all columns of texts. Each text of the file is in one of them, with other bytes before and
 * after it. Searching the pages takes a fraction of the time that decoding the rows takes.
 * @throws RangeError if a page has an encoding that may not hold its texts whole
 */
export function* textPages(bytes: Uint8Array): Generator<Uint8Array> {
  for (const { columns } of parquetFooter(bytes).row_groups)
    for (const { meta_data: column } of columns) if (column?.type === 'BYTE_ARRAY') yield* pagesOf(bytes, column);
}

function* pagesOf(bytes: Uint8Array, column: ColumnMetaData): Generator<Uint8Array> {
  const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
  const chunk = bytes.subarray(start, start + Number(column.total_compressed_size));
  const reader: DataReader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  while (reader.offset < chunk.byteLength) {
    const header = parquetHeader(reader);
    const { dictionary_page_header, data_page_header, data_page_header_v2 } = header;
    const encoding = (dictionary_page_header ?? data_page_header ?? data_page_header_v2)?.encoding;
    if (!whole.has(encoding)) throw new RangeError(`A page has the encoding ${encoding}.`);
    const page = chunk.subarray(reader.offset, reader.offset + header.compressed_page_size);
    reader.offset += header.compressed_page_size;
    yield valuesOf(page, header, column);
  }
}

function valuesOf(page: Uint8Array, header: PageHeader, { codec }: ColumnMetaData): Uint8Array {
  const v2 = header.data_page_header_v2;
  // Only a data page of version 2 begins with levels that are not compressed.
  const levels = v2 ? v2.definition_levels_byte_length + v2.repetition_levels_byte_length : 0;
  const values = page.subarray(levels);
  if (v2?.is_compressed === false) return values;
  return decompressPage(values, header.uncompressed_page_size - levels, codec, {
    ZSTD: (input) => zlib.zstdDecompressSync(input),
  });
}
