import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { recordsByStream } from './message-rows.ts';

export const singerTap: Contender = {
  name: 'tap-rest-api-msdk',
  does: 'A Singer tap of Meltano’s SDK; extraction only, one request at a time; cannot read the children of a row.',
  requirements: 'tap-rest-api-msdk',
  reads: ({ parent }) => parent === null,
  prepare: async ({ apiUrl, apiKey, pageSize, folder }, endpoints, programs) => {
    const config = join(folder, 'config.json');
    const streams = endpoints.map(({ name, path, isList, hasLimit }) => ({
      name,
      path,
      primary_keys: [],
      records_path: isList ? '$.data[*]' : '$.data',
      num_inference_records: 1,
      ...(hasLimit ? { params: { limit: pageSize } } : {}),
    }));
    await writeFile(
      config,
      JSON.stringify({
        api_url: apiUrl,
        auth_method: 'bearer_token',
        bearer_token: apiKey,
        next_page_token_path: '$.pagination.next_cursor',
        pagination_request_style: 'jsonpath_paginator',
        pagination_next_page_param: 'cursor',
        streams,
      }),
    );
    return [join(programs, 'tap-rest-api-msdk'), '--config', config];
  },
  rowsOf: (_race, _endpoints, output) => recordsByStream(output),
};
