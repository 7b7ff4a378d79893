import type { Table } from '../../lambdas/contract/stream.ts';
import type { Catalog, CatalogEntry } from '../../lambdas/core/ports.ts';

export class MemoryCatalog implements Catalog {
  readonly pointers = new Map<string, CatalogEntry>();

  async point({ name }: Pick<Table, 'name'>, entry: CatalogEntry): Promise<string | undefined> {
    if (entry.version > (this.pointers.get(name)?.version ?? 0)) this.pointers.set(name, entry);
    return undefined;
  }
}
