/**
 * One HTTP server on 127.0.0.1 for all AWS services. The library fauxqs implements S3, SQS and SNS; the hooks in this
 * file correct it and add the other services.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { buildApp } from 'fauxqs';
import { z } from 'zod';
import type { Call, CallHookRunner } from './call-hook-runner.ts';
import { accessKeyOf, describeCall } from './calls.ts';
import { type ControlPlane, signedFor } from './control-plane.ts';
import { type UnmetCondition, unmetCondition } from './s3/conditional-writes.ts';
import type { EventBus } from './eventbridge/events.ts';
import { SnsStore } from './fauxqs-stores.ts';
import type { ObjectFiles } from './s3/object-files.ts';
import type { ObjectStore } from './s3/object-store.ts';
import type { LocalQueues } from './sqs/queues.ts';
import type { Secrets } from './secrets-manager/secrets.ts';
import { ServiceError } from './service-error.ts';

/**
 * Maximum body. The default of fauxqs is 11 MiB. S3 accepts 5 GiB, but the embedded cloud holds a whole body in memory.
 */
const maxBodyBytes = 512 * 1024 * 1024;

/** S3 subresources (`?tagging`) that fauxqs does not know. It would store a put of one of them as the object itself. */
const unknownParts = [
  'tagging',
  'acl',
  'retention',
  'legal-hold',
  'policy',
  'versioning',
  'notification',
  'encryption',
  'cors',
  'website',
  'torrent',
  'restore',
  'select',
];

export interface Services {
  readonly queues: LocalQueues;
  readonly objects: ObjectStore;
  readonly files: ObjectFiles;
  readonly secrets: Secrets;
  readonly events: EventBus;
  readonly control: ControlPlane;
  readonly hookRunner: CallHookRunner;
}

export interface Server {
  /** Address of the server, such as `http://127.0.0.1:40001`. */
  readonly endpoint: string;
  close(): Promise<void>;
}

type App = ReturnType<typeof buildApp>;

export async function startServer(services: Services): Promise<Server> {
  const app = buildApp({
    logger: false,
    stores: { sqsStore: services.queues, s3Store: services.objects, snsStore: new SnsStore() },
  });
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) =>
    done(null, body),
  );
  addCallHooks(app, services);
  addControlPlane(app, services);
  addCorrections(app, services);
  addJsonServices(app, services);
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return { endpoint, close: () => app.close() };
}

/** Runs the hooks of each call that a function makes, and drops the connection of a process that a hook kills. */
function addCallHooks(app: App, { hookRunner }: Services): void {
  if (hookRunner.isOff) return;
  const calls = new WeakMap<object, Call>();

  app.addHook('preHandler', async (request, reply) => {
    const { method, url, headers, body } = request;
    const processId = accessKeyOf(headers);
    if (processId === undefined) return;
    const { call, killed } = await hookRunner.before(processId, describeCall({ method, url, headers, body }));
    if (call) calls.set(request, call);
    if (!killed) return;
    reply.hijack();
    request.raw.destroy();
  });
  // The hook is not async: fauxqs would otherwise answer a second time while the hook waits.
  app.addHook('onSend', (request, reply, _payload, done) => {
    const call = calls.get(request);
    calls.delete(request);
    if (call && hookRunner.after(call, reply.statusCode)) reply.raw.destroy();
    done();
  });
}

/**
 * Adds what fauxqs lacks of S3, such as conditional writes. The condition is checked in the same turn of the event loop
 * as the put that follows, so no other request comes between them.
 */
function addCorrections(app: App, { files }: Services): void {
  app.addHook('preHandler', (request, reply, done) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const part = pathname === '/' ? undefined : unknownParts.find((name) => searchParams.has(name));
    if (part !== undefined) {
      reply
        .code(501)
        .type('application/xml')
        .send(s3Error('NotImplemented', `The embedded cloud does not know ?${part}.`));
      return;
    }
    const unmet = pathname === '/' ? undefined : unmetOf(request, pathname, files);
    if (unmet) reply.code(unmet.status).type('application/xml').send(s3Error(unmet.code, unmet.message));
    else done();
  });
}

function unmetOf(
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
  pathname: string,
  { objects }: ObjectFiles,
): UnmetCondition | undefined {
  const conditions = { ifNoneMatch: headers['if-none-match'], ifMatch: headers['if-match'] };
  if (method === 'GET' || method === 'HEAD' || !(conditions.ifNoneMatch ?? conditions.ifMatch)) return undefined;
  const [bucket = '', ...rest] = pathname.slice(1).split('/');
  return unmetCondition(conditions, objects.get(bucket)?.get(decodeURIComponent(rest.join('/'))));
}

function addJsonServices(app: App, { secrets, events }: Services): void {
  const services: Readonly<Record<string, { handle(operation: string, body: unknown): unknown }>> = {
    secretsmanager: secrets,
    AWSEvents: events,
  };
  app.addHook('preHandler', (request, reply, done) => {
    const [name = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const service = services[name];
    if (!service) return done();
    reply.type('application/x-amz-json-1.1');
    try {
      reply.send(JSON.stringify(service.handle(operation, JSON.parse(String(request.body)))));
    } catch (error) {
      if (error instanceof ServiceError)
        reply.code(400).send(JSON.stringify({ __type: error.code, message: error.message }));
      else if (error instanceof z.ZodError || error instanceof SyntaxError) {
        reply.code(400).send(JSON.stringify({ __type: 'ValidationException', message: error.message }));
      } else done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function addControlPlane(app: App, { control }: Services): void {
  app.addHook('preHandler', async (request, reply) => {
    const { method, url, headers, body } = request;
    const service = signedFor(headers.authorization);
    const path = new URL(url, 'http://localhost').pathname;
    try {
      const answer = await control.handle(service, { method, path, body });
      if (answer)
        await reply
          .headers(answer.headers ?? {})
          .type(answer.type)
          .send(answer.body);
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
      const code = error instanceof ServiceError ? error.code : 'ValidationException';
      const status = code === 'ResourceNotFoundException' ? 404 : 400;
      if (service === 'cloudformation') await reply.code(status).type('text/xml').send(queryError(code, error.message));
      else
        await reply
          .code(status)
          .header('x-amzn-errortype', code)
          .send(JSON.stringify({ message: error.message }));
    }
  });
}

function queryError(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

function s3Error(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
