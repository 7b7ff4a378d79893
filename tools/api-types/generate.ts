import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

/** Generates the types of the API from the OpenAPI document. */
export async function apiTypes(): Promise<string> {
  const document = new URL('../../lambdas/contract/openapi.json', import.meta.url);
  return `${COMMENT_HEADER}${astToString(await openapiTS(document))}`;
}
