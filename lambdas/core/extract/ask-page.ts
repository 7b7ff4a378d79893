import type { Stream } from '../../contract/stream.ts';
import type { ListingMemory } from '../api/paging-guard.ts';
import { ExpiredCursorError, NotFoundError, RequestRefusedError } from '../errors.ts';
import type { Api, ApiAnswer, Deadline } from '../ports.ts';

export interface ListReading {
  readonly stream: Stream;
  readonly api: Api;
  readonly deadline: Deadline;
  /** Value of the `limit` parameter, if the API's OpenAPI document has one for the stream. */
  readonly pageSize: number;
  readonly window: { readonly after?: string | undefined; readonly before?: string | undefined } | undefined;
  /** Memory of the current listing, shared by the chunks of one invocation. */
  readonly memory: ListingMemory;
  /** Lines of the task's earlier chunks. Called only to continue a list whose rows are numbered. */
  readonly landedLines?: (() => Promise<readonly string[]>) | undefined;
}

type Asking = Pick<ListReading, 'api' | 'stream' | 'deadline'> & {
  /** Answers with more bytes than this are refused. Absent: the limit is what the function can hold. */
  readonly maxBytes?: number | undefined;
};

/** The parent or id that a request is about; undefined for the list of a stream without a parent. */
export type Item = string | undefined;

/** Optional parameters of a list request, by kind: `limit` or `filter`. */
type Parameters = ReadonlyMap<string, Readonly<Record<string, string | number>>>;

/** Kinds of parameters to leave out of a refused request in the first retry, the second and the third. */
const attempts: readonly (readonly string[])[] = [['limit'], ['filter'], ['limit', 'filter']];

/**
 * Requests one page of a list: the first one if `cursor` is null. If the API refuses the request, it is sent again
 * without optional parameters: the API may allow fewer rows in a page, or know no filter.
 * @throws ExpiredCursorError if the API refuses the cursor of a later page
 */
export async function askForPage(
  reading: ListReading & Pick<Asking, 'maxBytes'>,
  parent: Item,
  cursor: string | null,
): Promise<ApiAnswer> {
  const { stream, memory } = reading;
  const parameters = parametersOf(reading);
  const request = async (without: ReadonlySet<string>) => {
    const query: Record<string, string | number> = cursor === null ? {} : { cursor };
    for (const [name, values] of parameters) if (!without.has(name)) Object.assign(query, values);
    return ask(reading, stream.path, parent, query);
  };
  try {
    const answer = await request(memory.without);
    memory.isAccepted = true;
    return answer;
  } catch (error) {
    const answer =
      isRefused(error) && !memory.isAccepted ? await requestWithLess(request, parameters, reading) : undefined;
    if (answer) return answer;
    if (cursor === null || !(isRefused(error) || error instanceof NotFoundError)) throw error;
    // APIs report an expired cursor in many ways, so any refusal here counts as one. If it has another cause, it recurs
    // when the list is read again.
    throw new ExpiredCursorError(
      `The API twice refused the cursor of a later page of ${stream.name}. The next run reads the list again; if this lasts, report it to the vendor.`,
      { stream: stream.name, requestId: error.requestId },
    );
  }
}

function parametersOf({ stream, window, pageSize }: ListReading): Parameters {
  const { limit, cursor } = stream;
  const filter = {
    ...(cursor && window?.after ? { [cursor.afterParam]: window.after } : {}),
    ...(cursor && window?.before ? { [cursor.beforeParam]: window.before } : {}),
  };
  const parameters = new Map<string, Readonly<Record<string, string | number>>>();
  if (limit) parameters.set('limit', { limit: pageSize });
  if (Object.keys(filter).length > 0) parameters.set('filter', filter);
  return parameters;
}

/** @returns the answer to the first request that the API accepts; undefined if it refuses all of them */
async function requestWithLess(
  request: (without: ReadonlySet<string>) => Promise<ApiAnswer>,
  parameters: Parameters,
  { stream, memory }: ListReading,
): Promise<ApiAnswer | undefined> {
  const sent = (name: string) => parameters.has(name) && !memory.without.has(name);
  for (const names of attempts.filter((attempt) => attempt.every(sent))) {
    try {
      const answer = await request(new Set([...memory.without, ...names]));
      for (const name of names) memory.without.add(name);
      memory.isAccepted = true;
      const refused = names.flatMap((name) => Object.keys(parameters.get(name) ?? {})).join(' and ');
      memory.notes.add(
        `The API refused ${refused} in requests for ${stream.name}, so the list was read without. ${names.includes('filter') ? 'If this lasts, report it to the vendor.' : 'Lower pageSize in the configuration.'}`,
      );
      return answer;
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }
  return undefined;
}

function isRefused(error: unknown): error is RequestRefusedError {
  return error instanceof RequestRefusedError && (error.status === 400 || error.status === 422);
}

export async function ask(
  { api, stream, deadline, maxBytes }: Asking,
  path: string,
  item: Item,
  query: Record<string, string | number> = {},
): Promise<ApiAnswer> {
  const parameter = /\{(\w+)\}/.exec(path)?.[1];
  const pathParameters = parameter !== undefined && item !== undefined ? { [parameter]: item } : {};
  return api.get(
    path,
    { path: pathParameters, query },
    { stream: stream.name, scope: stream.scope, deadline, maxBytes },
  );
}
