import type { Resource } from './template.ts';

/** Construct ids that only repeat the type of the resource. CDK constructs give them to the resource that they wrap. */
const generic = new Set(['Resource', 'Default', 'Function', 'Queue', 'Bucket', 'Secret', 'Topic', 'Schedule', 'Api']);

/**
 * A resource's name for people: its construct ids below the stack, without ids that only repeat its type. For example
 * `extract-queue/dead-letters`.
 */
export function readableName({ path }: Resource): string {
  const told = [...path];
  while (told.length > 1 && generic.has(told.at(-1) ?? '')) told.pop();
  return told.map(kebab).join('/');
}

interface Named {
  readonly name: string;
  readonly resource: Resource;
}

/**
 * Finds an item by its readable name, a part of that name, its logical id, or one of its other names. Readable names
 * match regardless of case and punctuation: `apiKey` finds `api-key`.
 * @throws Error that lists the candidates, if none or several match
 */
export function findNamed<T extends Named>(
  kind: string,
  wanted: string,
  all: readonly T[],
  otherNames: (item: T) => readonly string[],
): T {
  const key = plain(wanted);
  const ways: ((item: T) => boolean)[] = [
    (item) => [item.resource.logicalId, ...otherNames(item)].includes(wanted),
    (item) => plain(item.name) === key,
    (item) => item.name.split('/').some((part) => plain(part) === key),
  ];
  for (const matches of ways) {
    const found = all.filter(matches);
    if (found.length === 1 && found[0]) return found[0];
    if (found.length > 1)
      throw new Error(
        `There are several ${kind}s ${wanted}: ${found.map(fullName).join(', ')}. Name one of them by its logical id.`,
      );
  }
  throw new Error(`There is no ${kind} ${wanted}; there are ${all.map(({ name }) => name).join(', ') || 'none'}.`);
}

function fullName({ resource }: Named): string {
  return `${resource.logicalId} (stack ${resource.stack})`;
}

function kebab(id: string): string {
  return id.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9/]/g, '');
}
