import type { ColumnChunk, CompressionCodec, PageHeader } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import type { Levels, ParquetColumn } from './columns.ts';
import type { Values } from './values.ts';

export interface ChunkOptions {
  readonly codec: CompressionCodec;
  readonly compress: (bytes: Uint8Array) => Uint8Array;
  /** False if values are always stored in the encoding PLAIN. */
  readonly dictionaries: boolean;
}

/** A page of values ends with the row that reaches this many bytes. */
const pageBytes = 1024 * 1024;

/**
 * Writes the values of a column as a column chunk. If it halves the bytes, the chunk has a dictionary, that is a page
 * with each distinct value, and a page with their numbers. Otherwise it has pages with the values.
 */
export function writeColumnChunk(writer: ByteWriter, column: ParquetColumn, options: ChunkOptions): ColumnChunk {
  const { path, values } = column;
  const element = path.at(-1);
  const levels = column.levels();
  if (!element?.type) throw new TypeError('A column has no type.');
  if (levels.maxDefinition === 0 && values.nulls > 0) throw new TypeError(`Column ${element.name} has a null.`);
  const start = writer.offset;
  const hasDictionary = options.dictionaries && element.type !== 'BOOLEAN' && savesHalf(values);
  let uncompressed = hasDictionary ? writeDictionary(writer, values, options) : 0;
  const firstPage = writer.offset;
  const pages = hasDictionary ? [{ from: 0, to: values.slots }] : pagesOf(values, levels);
  for (const page of pages) uncompressed += writePage(writer, values, levels, page, hasDictionary, options);
  const encoding = hasDictionary ? 'RLE_DICTIONARY' : 'PLAIN';
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: element.type,
      encodings: hasDictionary ? ['PLAIN', encoding] : [encoding],
      path_in_schema: path.map(({ name }) => name),
      codec: options.codec,
      num_values: BigInt(values.slots),
      total_compressed_size: BigInt(writer.offset - start),
      total_uncompressed_size: BigInt(uncompressed),
      data_page_offset: BigInt(firstPage),
      ...(hasDictionary ? { dictionary_page_offset: BigInt(start) } : {}),
      statistics: { ...values.bounds(), null_count: BigInt(values.nulls) },
      encoding_stats: [
        ...(hasDictionary ? [{ page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 } as const] : []),
        { page_type: 'DATA_PAGE_V2', encoding, count: pages.length },
      ],
    },
  };
}

function savesHalf({ count, slots, nulls, storedBytes, plainBytes }: Values): boolean {
  const numberBytes = ((slots - nulls) * bitsFor(count)) / 8;
  return count > 0 && 2 * (storedBytes + numberBytes) <= plainBytes;
}

/** Bits that the numbers of so many values take. */
function bitsFor(count: number): number {
  return Math.ceil(Math.log2(count));
}

/** Some slots of a column: from the start of a row to the end of one. */
interface Slots {
  readonly from: number;
  readonly to: number;
}

function pagesOf(values: Values, { repetition }: Levels): Slots[] {
  const { numbers } = values;
  const pages: Slots[] = [];
  let [from, bytes] = [0, 0];
  if (values.plainBytes > pageBytes)
    for (const [at, number] of numbers.entries()) {
      if (bytes >= pageBytes && repetition?.[at] !== 1) {
        pages.push({ from, to: at });
        [from, bytes] = [at, 0];
      }
      if (number >= 0) bytes += values.sizeOf(number);
    }
  return [...pages, { from, to: numbers.length }];
}

/** @returns the uncompressed bytes of the page and its header, as those of {@link writePage} */
function writeDictionary(writer: ByteWriter, { stored, count }: Values, { compress }: ChunkOptions): number {
  const compressed = compress(stored);
  const headerBytes = writeHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: stored.byteLength,
    compressed_page_size: compressed.byteLength,
    dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
  });
  writer.appendBytes(compressed);
  return headerBytes + stored.byteLength;
}

function writePage(
  writer: ByteWriter,
  values: Values,
  { maxDefinition, ...levels }: Levels,
  { from, to }: Slots,
  hasDictionary: boolean,
  { compress }: ChunkOptions,
): number {
  const all = values.numbers.subarray(from, to);
  const numbers = values.nulls === 0 ? all : all.filter((number) => number >= 0);
  const repetition = levels.repetition?.subarray(from, to);
  const levelBytes = new ByteWriter();
  if (repetition) writeRleBitPackedHybrid(levelBytes, repetition, 1);
  const repetitionBytes = levelBytes.offset;
  if (maxDefinition > 0)
    writeRleBitPackedHybrid(levelBytes, levels.definition.subarray(from, to), bitsFor(maxDefinition + 1));
  const content = hasDictionary ? packed(numbers, bitsFor(values.count)) : values.plain(numbers);
  const compressed = compress(content);
  const headerBytes = writeHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levelBytes.offset + content.byteLength,
    compressed_page_size: levelBytes.offset + compressed.byteLength,
    data_page_header_v2: {
      num_values: all.length,
      num_nulls: all.length - numbers.length,
      num_rows: repetition ? repetition.filter((level) => level === 0).length : all.length,
      encoding: hasDictionary ? 'RLE_DICTIONARY' : 'PLAIN',
      definition_levels_byte_length: levelBytes.offset - repetitionBytes,
      repetition_levels_byte_length: repetitionBytes,
      is_compressed: true,
    },
  });
  writer.appendBytes(levelBytes.getBytes());
  writer.appendBytes(compressed);
  return headerBytes + levelBytes.offset + content.byteLength;
}

/** Numbers of a dictionary's values, after the number of bits that each takes. */
function packed(numbers: Int32Array, bits: number): Uint8Array {
  const writer = new ByteWriter();
  writer.appendUint8(bits);
  writeRleBitPackedHybrid(writer, numbers, bits);
  return writer.getBytes();
}

function writeHeader(writer: ByteWriter, header: PageHeader): number {
  const start = writer.offset;
  writePageHeader(writer, header);
  return writer.offset - start;
}
