import { z } from 'zod';
import { type Addresses, attributeOf, physicalName, referenceTo } from './addresses.ts';
import type { Identity } from './definitions.ts';
import type { Resolver } from './intrinsics.ts';
import { readableName } from './names.ts';
import type { Resource } from './template.ts';

/** A resource whose properties are resolved and parsed as they are read. */
export class Reader {
  readonly identity: Identity;
  readonly physicalName: string;
  readonly arn: string;
  readonly ref: string;
  readonly #resolver: Resolver;

  constructor(resource: Resource, resolver: Resolver, addresses: Addresses) {
    this.identity = { name: readableName(resource), resource };
    this.physicalName = physicalName(resource, resolver);
    this.arn = attributeOf(resource, 'Arn', addresses, resolver) ?? '';
    this.ref = referenceTo(resource, addresses, resolver) ?? '';
    this.#resolver = resolver;
  }

  /** @throws UnresolvableError, or Error where the value is not of this shape */
  read<T>(property: string, schema: z.ZodType<T>): T {
    const { resource } = this.identity;
    const result = schema.safeParse(this.#resolver.property(resource, property));
    if (result.success) return result.data;
    throw new Error(`Stack ${resource.stack}, ${resource.logicalId}.${property}: ${z.prettifyError(result.error)}`);
  }
}
