import { z } from 'zod';
import { isAddressable } from '../rows/row-ids.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The id of the resource that an event is about. The vendor does not document the body, so several places are tried,
 * the most reliable first. A bare `id` at the top may be the id of the event itself.
 *
 * @param body parsed body
 * @param resource such as `lead`
 * @returns undefined if no place holds a usable id
 */
export function resourceIdIn(body: Fields, resource: string): string | undefined {
  const data = fieldsOf(body['data']);
  const inner = fieldsOf(data?.['object']) ?? fieldsOf(data?.['attributes']);
  const candidates = [
    fieldsOf(body[resource])?.['id'],
    fieldsOf(data?.[resource])?.['id'],
    data?.[`${resource}_id`],
    body[`${resource}_id`],
    inner?.['id'],
    data?.['resource_id'],
    body['resource_id'],
    data?.['id'],
    fieldsOf(body['resource'])?.['id'],
    body['object'] === resource ? body['id'] : undefined,
  ];
  return candidates.map((id) => (Number.isSafeInteger(id) ? String(id) : id)).find(isAddressable);
}

const fields = z.record(z.string(), z.unknown());

function fieldsOf(value: unknown): Fields | undefined {
  return fields.safeParse(value).data;
}
