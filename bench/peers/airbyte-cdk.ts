import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, Race } from './contender.ts';
import type { Endpoint } from './endpoints.ts';
import { recordsByStream } from './message-rows.ts';

/** The declarative format: https://docs.airbyte.com/platform/connector-development/config-based/understanding-the-yaml-file/reference */
type Component = { readonly type: string } & Readonly<Record<string, unknown>>;

function paginatorOf({ hasLimit }: Endpoint, pageSize: number): Component {
  const inQuery = (field_name: string) => ({ type: 'RequestOption', field_name, inject_into: 'request_parameter' });
  return {
    type: 'DefaultPaginator',
    page_token_option: inQuery('cursor'),
    pagination_strategy: {
      type: 'CursorPagination',
      cursor_value: "{{ response.get('pagination',{}).get('next_cursor') }}",
      stop_condition: "{{ not response.get('pagination',{}).get('has_more') }}",
      ...(hasLimit ? { page_size: pageSize } : {}),
    },
    ...(hasLimit ? { page_size_option: inQuery('limit') } : {}),
  };
}

function streamOf(endpoint: Endpoint, parent: Component | undefined, { apiUrl, apiKey, pageSize }: Race): Component {
  return {
    type: 'DeclarativeStream',
    name: endpoint.name,
    schema_loader: { type: 'InlineSchemaLoader', schema: { type: 'object', additionalProperties: true } },
    retriever: {
      type: 'SimpleRetriever',
      requester: {
        type: 'HttpRequester',
        url_base: apiUrl,
        path: endpoint.path.replace('{}', '{{ stream_partition.parent_id }}'),
        http_method: 'GET',
        authenticator: { type: 'BearerAuthenticator', api_token: apiKey },
      },
      record_selector: { type: 'RecordSelector', extractor: { type: 'DpathExtractor', field_path: ['data'] } },
      ...(endpoint.isList ? { paginator: paginatorOf(endpoint, pageSize) } : {}),
      ...(parent
        ? {
            partition_router: {
              type: 'SubstreamPartitionRouter',
              parent_stream_configs: [
                { type: 'ParentStreamConfig', parent_key: 'id', partition_field: 'parent_id', stream: parent },
              ],
            },
          }
        : {}),
    },
  };
}

function manifestOf(race: Race, endpoints: readonly Endpoint[]): Component {
  const made = new Map<string, Component>();
  for (const one of endpoints)
    made.set(one.name, streamOf(one, one.parent === null ? undefined : made.get(one.parent), race));
  return {
    type: 'DeclarativeSource',
    version: '6.0.0',
    check: { type: 'CheckStream', stream_names: [endpoints[0]?.name] },
    streams: [...made.values()],
    concurrency_level: { type: 'ConcurrencyLevel', default_concurrency: race.inFlight },
    spec: { type: 'Spec', connection_specification: { type: 'object', properties: {} } },
  };
}

export const airbyteCdk: Contender = {
  name: 'airbyte-cdk',
  does: 'A declarative source; extraction only: prints JSON, writes no table.',
  requirements: 'airbyte-cdk',
  reads: () => true,
  prepare: async (race, endpoints, programs) => {
    const file = (name: string) => join(race.folder, name);
    await writeFile(
      file('config.json'),
      JSON.stringify({ __injected_declarative_manifest: manifestOf(race, endpoints) }),
    );
    const streams = endpoints.map(({ name }) => ({
      stream: { name, json_schema: { type: 'object' }, supported_sync_modes: ['full_refresh'] },
      sync_mode: 'full_refresh',
      destination_sync_mode: 'append',
    }));
    await writeFile(file('catalog.json'), JSON.stringify({ streams }));
    const program = join(programs, 'source-declarative-manifest');
    return [program, 'read', '--config', file('config.json'), '--catalog', file('catalog.json')];
  },
  rowsOf: (_race, _endpoints, output) => recordsByStream(output),
};
