import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { z } from 'zod';
import { answerCloudFormation } from '../adapters/cloudformation.ts';
import { createLog } from '../adapters/telemetry.ts';
import { createWebhookApi } from '../adapters/webhook-api.ts';
import { createWebhookSecretStore } from '../adapters/webhook-secret.ts';
import { readEnvironment } from '../contract/environment.ts';
import { webhookEvents, webhookScopes } from '../contract/webhook.ts';
import { ForbiddenError, PipelineError, stackFrames } from '../core/errors.ts';
import type { Deadline, Log, WebhookApi } from '../core/ports.ts';
import { patientWebhookApi } from '../core/webhooks/patient-webhook-api.ts';
import { deleteEndpoint, type EndpointPorts, ensureEndpoint, rotateSecret } from '../core/webhooks/webhook-endpoint.ts';
import { clientMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('register', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const secrets = createWebhookSecretStore(environment.WEBHOOK_SECRET_ARN);
const createClient = clientMaker(environment, webhookScopes, metrics);

const wish = z.object({ url: z.url(), events: z.array(z.enum(webhookEvents)).min(1) });
/** Input with which a person rotates the secret. The url and events are in the stack's outputs. */
const rotation = wish.extend({ action: z.literal('rotate'), revoke: z.boolean().default(false) });
/**
 * Id of the custom resource, which never changes. The id of the endpoint changes with a rotation, so it is in the
 * secret.
 */
const physicalId = 'prospectb2b-webhook-endpoint';

/** Time kept at the end of the invocation to undo what was made, and to answer. */
const cleanupMilliseconds = 60_000;
const answerMilliseconds = 15_000;
/** Uninstalling waits no longer than this for a vendor that is down. */
const deletionMilliseconds = 90_000;

/** The custom resource that manages the webhook endpoint. A person can also invoke it to rotate the secret. */
export async function handler(
  event: CloudFormationCustomResourceEvent | z.input<typeof rotation>,
  context: Context,
): Promise<{ rotated: boolean }> {
  const log = createLog(logger, { requestId: context.awsRequestId });
  if (!('RequestType' in event)) {
    const { revoke, ...asked } = rotation.parse(event);
    await rotateSecret(asked, { isRevoked: revoke }, portsOf(log, context));
    return { rotated: true };
  }
  try {
    const left = await applyRequest(event, log, context);
    await answerCloudFormation(event, physicalId, { status: 'SUCCESS', reason: left.join(' ') });
  } catch (error) {
    const reason = reasonOf(error);
    log.error('The webhook endpoint could not be changed.', { reason, stack: stackFrames(error) });
    await answerCloudFormation(event, physicalId, { status: 'FAILED', reason });
  }
  return { rotated: false };
}

/** Does what CloudFormation asks for. @returns after a deletion: what could not be removed at the vendor */
async function applyRequest(event: CloudFormationCustomResourceEvent, log: Log, context: Context): Promise<string[]> {
  if (event.RequestType === 'Delete') {
    const { data } = wish.pick({ url: true }).safeParse(event.ResourceProperties);
    return deleteEndpoint(data?.url, portsOf(log, context, deletionMilliseconds));
  }
  await ensureEndpoint(wish.parse(event.ResourceProperties), portsOf(log, context));
  return [];
}

function portsOf(log: Log, context: Context, most = Number.POSITIVE_INFINITY): EndpointPorts {
  const invocation = deadlineOf(context);
  const api = (deadline: Deadline): WebhookApi =>
    patientWebhookApi(createWebhookApi(createClient(log, deadline)), { deadline, sleep });
  return {
    api: api(endsBefore(invocation, cleanupMilliseconds, most)),
    cleanupApi: api(endsBefore(invocation, answerMilliseconds)),
    secrets,
    clock,
    previousSecretHours: environment.PREVIOUS_SECRET_HOURS,
    log,
    newId: randomUUID,
  };
}

/** A deadline this many milliseconds before another one, and at most `most` milliseconds from now. */
function endsBefore(deadline: Deadline, milliseconds: number, most = Number.POSITIVE_INFINITY): Deadline {
  const over = Date.now() + most;
  return { remainingMilliseconds: () => Math.min(deadline.remainingMilliseconds() - milliseconds, over - Date.now()) };
}

/** One or two sentences for the events of the stack: a failed deployment deletes the function's log. */
function reasonOf(error: unknown): string {
  if (error instanceof ForbiddenError)
    return `${error.message} A member who may only read cannot register a webhook endpoint: set webhooks: { enabled: false } and deploy again.`;
  if (error instanceof PipelineError) return error.message;
  if (error instanceof z.ZodError)
    return `The stack asks for a webhook endpoint that this version cannot make (${error.issues.map(({ path }) => path.join('.')).join(', ')}). Deploy both stacks from one checkout.`;
  const name = error instanceof Error ? error.name : typeof error;
  return `An unexpected ${name} stopped the registration of the webhook endpoint ${stackFrames(error)[0] ?? ''}. This is a bug: report it with this line. To deploy without webhooks, set webhooks: { enabled: false }.`;
}
