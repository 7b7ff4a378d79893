/** The tables belong to one workspace of the vendor. Rows of another one must not get into them. */

import { createHash } from 'node:crypto';
import { pipelineStateKey } from '../../contract/object-keys.ts';
import { type PipelineState, pipelineState } from '../../contract/pipeline-state.ts';
import type { Failure } from '../../contract/run.ts';
import type { Api, ApiAnswer, Deadline, ObjectStore } from '../ports.ts';
import { PipelineError } from '../errors.ts';
import { emptyState } from '../runs/pipeline-state.ts';
import { decodeUtf8 } from '../rows/charsets.ts';
import { readJson, updateJson } from '../store/stored-json.ts';
import { workspaceIdIn } from './identity.ts';

/** Digest of the id of the workspace that a key belongs to; undefined if the answer about the key has no such id. */
export function workspaceOf({ body }: ApiAnswer): string | undefined {
  const id = workspaceIdIn(decodeUtf8(body).text);
  return id === undefined ? undefined : createHash('sha256').update(id).digest('base64url').slice(0, 22);
}

/** Why a key must not read for these tables: it belongs to another workspace. Undefined if it may. */
function refusalOf(workspace: string | undefined, state: PipelineState): Failure | undefined {
  if (workspace === undefined || state.workspace === undefined || workspace === state.workspace) return undefined;
  return {
    code: 'other_workspace',
    message:
      'The API key belongs to another workspace than the tables. Most likely it is the wrong key: put the key of their workspace into the secret of this workspace (on this machine: into PROSPECTB2B_API_KEY) and run again. To read the other workspace as well, give it tables of its own: another workspace in the configuration, or on this machine another folder with --out. If their workspace was replaced by another one, take new tables too: a full refresh into these would take all rows of the former one for deleted.',
    requestId: null,
  };
}

/**
 * Compares the workspace of the API key with that of the tables. The first run, and a run that reads everything again,
 * decide which workspace the tables belong to.
 * @returns why the run must not read; undefined if it may
 */
export async function checkWorkspace(
  workspace: string | undefined,
  { state, fullRefresh, store }: { state: PipelineState; fullRefresh: boolean; store: ObjectStore },
): Promise<Failure | undefined> {
  if (workspace === undefined || workspace === state.workspace) return undefined;
  const refusal = fullRefresh ? undefined : refusalOf(workspace, state);
  if (refusal) return refusal;
  await updateJson(store, pipelineStateKey, pipelineState, emptyState, (current) => ({ ...current, workspace }));
  return undefined;
}

/**
 * Asks the API whose key it is.
 * @returns why the key cannot read for the tables: it is refused, the API does not answer, or the key belongs to another
 *   workspace. Undefined if it can
 */
export async function askWorkspace(
  { store, api }: { readonly store: ObjectStore; readonly api: Api },
  deadline: Deadline,
): Promise<Failure | undefined> {
  const state = (await readJson(store, pipelineStateKey, pipelineState))?.value;
  try {
    const answer = await api.get('/me', {}, { stream: '/me', scope: 'me.read', deadline });
    return refusalOf(workspaceOf(answer), state ?? emptyState);
  } catch (error) {
    if (error instanceof PipelineError) return withoutPath(error.toFailure());
    throw error;
  }
}

/** What went wrong when the API was asked whose key it is, without the path that begins the message: it tells nothing. */
export function withoutPath(failure: Failure): Failure {
  const message = failure.message.replace(/^\/me: /, '');
  return { ...failure, message: message.charAt(0).toUpperCase() + message.slice(1) };
}
