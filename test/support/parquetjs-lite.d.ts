/** The parts of parquetjs-lite 0.8.7 that the tests and the benchmark use; it has no types of its own. */
declare module 'parquetjs-lite' {
  interface ParquetSchema {
    readonly fields: Readonly<Record<string, object>>;
  }

  class ParquetWriter {
    static openFile(
      schema: ParquetSchema,
      path: string,
      options?: { rowGroupSize?: number; pageIndex?: boolean },
    ): Promise<ParquetWriter>;
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }

  interface ParquetCursor {
    /** Null after the last row. */
    next(): Promise<Record<string, unknown> | null>;
  }

  interface Footer {
    version: number;
    schema: { name: string; converted_type: number | null }[];
  }

  class ParquetReader {
    constructor(metadata: Footer, envelope: ParquetEnvelopeReader, options?: { rawStatistics?: boolean });
    static openFile(path: string): Promise<ParquetReader>;
    getCursor(): ParquetCursor;
    close(): Promise<void>;
  }

  class ParquetEnvelopeReader {
    static openBuffer(buffer: Buffer): Promise<ParquetEnvelopeReader>;
    readFooter(): Promise<Footer>;
  }

  const parquetjs: {
    ParquetSchema: new (fields: Readonly<Record<string, object>>) => ParquetSchema;
    ParquetWriter: typeof ParquetWriter;
    ParquetReader: typeof ParquetReader;
    ParquetEnvelopeReader: typeof ParquetEnvelopeReader;
  };
  export default parquetjs;
}
