/** The calls of CloudFormation, Lambda and EventBridge Scheduler that `npx prospect-lake ops` makes. */

import { z } from 'zod';
import { generatedName } from './cloudformation/addresses.ts';
import type { Definitions } from './cloudformation/definitions.ts';
import { FunctionError, type LocalFunction } from './lambda/functions.ts';
import type { Values } from './cloudformation/values.ts';
import { ServiceError } from './service-error.ts';
import type { Switches } from './switches.ts';

export interface ControlledParts {
  readonly definitions: Definitions;
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly values: Values;
  readonly switches: Switches;
}

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  /** Body of the request: bytes, or already parsed if the server knows the content type. */
  readonly body: unknown;
}

export interface ControlAnswer {
  readonly body: string;
  readonly type: 'application/json' | 'text/xml';
  readonly headers?: Readonly<Record<string, string>>;
}

const describeStacks = z.object({ Action: z.literal('DescribeStacks'), StackName: z.string() });
const mappingUpdate = z.object({ Enabled: z.boolean().optional() });
const scheduleUpdate = z.looseObject({ State: z.enum(['ENABLED', 'DISABLED']) });
const target = z.object({ Arn: z.string(), RoleArn: z.unknown(), Input: z.unknown() }).partial();

/** The AWS service for which a request is signed, such as `lambda`. */
export function signedFor(authorization: unknown): string | undefined {
  return typeof authorization === 'string'
    ? /Credential=[^/]+\/\d+\/[^/]+\/([a-z]+)\//.exec(authorization)?.[1]
    : undefined;
}

export class ControlPlane {
  #parts: ControlledParts | undefined;

  serve(parts: ControlledParts): void {
    this.#parts = parts;
  }

  /**
   * Answers a request.
   * @returns undefined if the service is none of CloudFormation, Lambda and Scheduler
   * @throws ServiceError
   */
  async handle(service: string | undefined, request: ControlRequest): Promise<ControlAnswer | undefined> {
    if (!this.#parts) return undefined;
    switch (service) {
      case 'cloudformation':
        return describe(request, this.#parts);
      case 'lambda':
        return lambda(request, this.#parts);
      case 'scheduler':
        return scheduler(request, this.#parts);
      default:
        return undefined;
    }
  }
}

function describe({ body }: ControlRequest, { values }: ControlledParts): ControlAnswer {
  const { StackName } = describeStacks.parse(body);
  const outputs = values.outputs(StackName);
  if (!outputs) throw new ServiceError('ValidationError', `Stack with id ${StackName} does not exist`);
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
  );
  return {
    type: 'text/xml',
    body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${StackName}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  };
}

async function lambda(request: ControlRequest, parts: ControlledParts): Promise<ControlAnswer> {
  const [, kind, id = '', part] = request.path.slice(1).split('/').map(decodeURIComponent);
  if (request.method === 'POST' && kind === 'functions' && part === 'invocations') return invoke(id, request, parts);
  const mapping = parts.definitions.mappings.find(({ resource }) => generatedName(resource) === id);
  if (kind !== 'event-source-mappings' || !mapping) throw missing(`${kind} ${id}`);
  const { Enabled } = request.method === 'PUT' ? mappingUpdate.parse(jsonOf(request)) : {};
  if (Enabled !== undefined) parts.switches.set(id, Enabled);
  const State = parts.switches.isOn(id) ? 'Enabled' : 'Disabled';
  return json({ UUID: id, State, FunctionArn: mapping.functionName, EventSourceArn: mapping.queueArn });
}

async function invoke(name: string, request: ControlRequest, { functions }: ControlledParts): Promise<ControlAnswer> {
  const found = [...functions.values()].find(({ definition }) =>
    [definition.functionName, definition.arn].includes(name),
  );
  if (!found) throw missing(`function ${name}`);
  try {
    return json((await found.invoke(jsonOf(request))).answer);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    const { errorType, errorMessage } = error;
    return { ...json({ errorType, errorMessage }), headers: { 'x-amz-function-error': 'Unhandled' } };
  }
}

/**
 * Reads or updates a schedule. The real service replaces the whole schedule; the embedded cloud changes only its state.
 */
function scheduler(request: ControlRequest, { definitions, values, switches }: ControlledParts): ControlAnswer {
  const name = decodeURIComponent(request.path.split('/').at(-1) ?? '');
  const schedule = definitions.schedules.find(({ scheduleName }) => scheduleName === name);
  if (!schedule) throw missing(`schedule ${name}`);
  const { resource } = schedule;
  const stored = {
    Name: name,
    GroupName: 'default',
    ScheduleExpression: values.property(resource, 'ScheduleExpression'),
    ScheduleExpressionTimezone: values.property(resource, 'ScheduleExpressionTimezone'),
    Description: values.property(resource, 'Description'),
    FlexibleTimeWindow: values.property(resource, 'FlexibleTimeWindow'),
    Target: values.property(resource, 'Target'),
  };
  if (request.method === 'PUT') {
    const { State, ...rest } = scheduleUpdate.parse(jsonOf(request));
    if (target.parse(rest['Target']).Arn !== schedule.targetArn)
      throw new ServiceError('ValidationException', 'The embedded cloud changes nothing of a schedule but its state.');
    switches.set(name, State === 'ENABLED');
    return json({ ScheduleArn: schedule.arn });
  }
  return json({ ...stored, Arn: schedule.arn, State: switches.isOn(name) ? 'ENABLED' : 'DISABLED' });
}

function json(value: unknown): ControlAnswer {
  return { type: 'application/json', body: JSON.stringify(value ?? null) };
}

function jsonOf({ body }: ControlRequest): unknown {
  if (!Buffer.isBuffer(body)) return body ?? {};
  return body.length === 0 ? {} : JSON.parse(body.toString());
}

function missing(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `There is no ${what}.`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
