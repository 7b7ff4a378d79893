/** What the API says about a key: its answer to `/me`. */

import { z } from 'zod';

const tenant = z.object({ data: z.object({ tenant: z.object({ id: z.union([z.string().min(1), z.number()]) }) }) });
const scopes = z.object({ data: z.object({ scopes: z.array(z.string()) }) });

/** Id of the workspace that the key belongs to; undefined if the answer does not contain it. */
export function workspaceIdIn(answer: string): string | undefined {
  const { data } = tenant.safeParse(jsonOf(answer));
  return data && String(data.data.tenant.id);
}

/** The scopes of the key; undefined if the answer does not list them. */
export function scopesIn(answer: string): readonly string[] | undefined {
  return scopes.safeParse(jsonOf(answer)).data?.data.scopes;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
