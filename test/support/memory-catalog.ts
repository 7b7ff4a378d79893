import type { Table } from '../../lambdas/contract/stream.ts';
import type { Catalog } from '../../lambdas/core/ports.ts';

/** A catalog in memory. */
export class MemoryCatalog implements Catalog {
  readonly pointers = new Map<string, { readonly version: number; readonly metadataKey: string }>();

  async point(table: Table, { version, metadataKey }: { version: number; metadataKey: string }): Promise<void> {
    if (version >= (this.pointers.get(table.name)?.version ?? 0))
      this.pointers.set(table.name, { version, metadataKey });
  }
}
