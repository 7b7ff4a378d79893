import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streams } from '../../../lambdas/streams/registry.ts';
import { readOperations } from '../../../local/simulator/operations.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { type Answered, type Asked, SimulatorClient } from '../../support/simulator-client.ts';

type Schema = { [key: string]: unknown };

const contract = JSON.parse(
  readFileSync(new URL('../../../lambdas/contract/openapi.json', import.meta.url), 'utf8'),
) as {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, { responses: Record<string, never> }>>;
};

/** Makes fields nullable, except `id` and `object`: the API's documentation says so, its inferred schemas do not. */
function nullable(schema: unknown, name = ''): unknown {
  if (Array.isArray(schema)) return schema.map((part) => nullable(part));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { properties, type, ...rest } = schema as Schema;
  const kept = ['', 'id', 'object', 'data', 'pagination', 'request_id', 'error'].includes(name);
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, key === 'items' ? nullable(value) : value])),
    ...(type === undefined ? {} : { type: kept ? type : [type, 'null'].flat() }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties as Schema).map(([key, value]) => [key, nullable(value, key)]),
          ),
        }),
  };
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const schemas = Object.fromEntries(
  Object.entries(contract.components.schemas).map(([name, schema]) => [name, nullable(schema)]),
);
ajv.addSchema({ $id: 'contract', components: { schemas } });

function validator(schema: string): ValidateFunction {
  return ajv.compile({ $ref: `contract#/components/schemas/${schema}` });
}

const envelopes = new Map(
  Object.values(contract.paths).flatMap((methods) =>
    Object.values(methods).map((operation) => {
      const { operationId, responses } = operation as unknown as {
        operationId: string;
        responses: { 200: { content: { 'application/json': { schema: { $ref: string } } } } };
      };
      return [operationId, responses[200].content['application/json'].schema.$ref.split('/').at(-1) ?? ''] as const;
    }),
  ),
);

describe('each operation of the contract', () => {
  let simulator: Simulator;
  let client: SimulatorClient;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    simulator = await startSimulator({ leads: 100 });
    client = new SimulatorClient(simulator);
    const first = async (path: string) => String((await client.ask(path)).body.data?.[0]?.['id']);
    for (const { path, byId } of streams) {
      const [, parameter] = /\{(\w+)\}/.exec(byId ?? '') ?? [];
      if (parameter !== undefined) ids[parameter] = await first(path);
    }
    ids['campaign run'] = await first(`/campaigns/${ids['campaign_id']}/runs`);
    ids['prospector run'] = await first(`/prospector/workflows/${ids['workflow_id']}/runs`);
    ids['delivery_id'] = await first(`/webhooks/${ids['webhook_id']}/deliveries`);
  });
  afterAll(() => simulator.stop());

  const lead = { full_name: 'Ada Lovelace', email: 'ada@example.com', phone: '+15550001', notes: 'x' };
  const bodies: Record<string, unknown> = {
    createLead: lead,
    updateLead: { title: 'CTO' },
    upsertLeadByEmailOrPhone: lead,
    createOrUpsertMultipleLeads: { leads: [lead, { email: 'grace@example.com' }] },
    createCampaign: {},
    updateCampaignStatus: { status: 'paused' },
    publishCampaign: { apply_strategy: 'new' },
    createExportJob: { include_suppressed: false },
    createImportJob: { name: 'n', file_name: 'f.csv', file_type: 'csv', file_data: 'email\na@example.com\n' },
    createProspectorWorkflow: {},
    updateProspectorWorkflow: { name: 'renamed' },
    runProspectorWorkflowImmediately: undefined,
    createSupportTicket: { subject: 's', body: 'b' },
    createWebhookEndpoint: { url: 'https://example.com/hook', events: ['lead.created'] },
    updateWebhookEndpoint: { events: ['lead.updated'] },
  };

  // Deletions come last, because the reads would find nothing after them.
  const operations = readOperations().toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));

  function ask(operation: (typeof operations)[number], asked: Asked = {}): Promise<Answered> {
    const run = operation.path.startsWith('/campaigns') ? 'campaign run' : 'prospector run';
    const path = operation.path.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => ids[name === 'run_id' ? run : name] ?? '',
    );
    return client.ask(path, { method: operation.method, body: bodies[operation.id], ...asked });
  }

  it('is checked against schemas that refuse wrong answers', () => {
    const validate = validator('LeadEnvelope');
    const lead = {
      id: 'x',
      object: 'lead',
      created_at: '2026-03-10T12:00:00.000Z',
      updated_at: '2026-03-10T12:00:00.000Z',
    };
    expect(validate({ request_id: 'r', data: { ...lead, title: null } })).toBe(true);
    for (const wrong of [{ title: 3 }, { id: null }, { object: 'other' }, { updated_at: 'yesterday' }, { tags: [1] }]) {
      expect(validate({ request_id: 'r', data: { ...lead, ...wrong } }), JSON.stringify(wrong)).toBe(false);
    }
    expect(validate({ data: lead })).toBe(false);
  });

  it.each(operations)('$method $path answers as its schema says', async (operation) => {
    const { status, body, headers } = await ask(operation);
    expect(status).toBe(200);
    const validate = validator(envelopes.get(operation.id) ?? '');
    validate(body);
    expect(validate.errors ?? []).toEqual([]);
    expect(headers.get('x-request-id')).toBe(body.request_id);
  });

  it.each(operations)('$method $path refuses a key without $scope', async (operation) => {
    simulator.configure({ scopes: [] });
    const { status, body } = await ask(operation);
    simulator.configure({ scopes: [...new Set(operations.map(({ scope }) => scope))] });
    expect(status).toBe(403);
    expect(body.error).toMatchObject({ code: 'missing_scope', required_scope: operation.scope });
    const validate = validator('ErrorEnvelope');
    validate(body);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has checked every operation', () => {
    const asked = new Set(simulator.requests.map(({ operation }) => operation));
    expect(operations.filter(({ id }) => !asked.has(id))).toEqual([]);
  });

  it('has a different request_id in each answer', () => {
    const given = simulator.requests.map(({ requestId }) => requestId);
    expect(new Set(given).size).toBe(given.length);
  });
});
