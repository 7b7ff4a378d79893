import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { accessKeyOf, describeCall } from '../../local/cloud/calls.ts';
import { close, listen } from '../../local/run/listening.ts';
import { isAllowed } from '../support/iam-evaluation.ts';
import type { Policies } from '../support/iam-policies.ts';
import { type AccessRequest, keyRequestsOf, requestsOf } from '../support/iam-requests.ts';

/**
 * A proxy in front of moto, because moto allows everything. The proxy checks each call of a function against the
 * policies of the templates, and answers as AWS does if they do not allow the call.
 */
export interface Guard {
  readonly endpoint: string;
  /** Number of checked calls. */
  readonly decided: number;
  /** The calls that the guard has refused. */
  readonly denied: readonly string[];
  /** Whether the policies allow a request. Counts the request as a checked call. */
  decide(request: AccessRequest): boolean;
  stop(): Promise<void>;
}

const localSecret = '-LOCAL0"';

/** @param functionOf the function that signs with an access key; undefined for other callers, who may do everything */
export async function startGuard(
  target: string,
  policies: Policies,
  functionOf: (accessKey: string) => string | undefined,
): Promise<Guard> {
  let decided = 0;
  const denied: string[] = [];
  const decide = (request: AccessRequest): boolean => {
    decided += 1;
    const allowed = isAllowed(request, policies.statements);
    if (!allowed) denied.push(`${request.principal} ${request.action} ${request.resource}`);
    return allowed;
  };

  const take = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    const functionName = functionOf(accessKeyOf(headers) ?? '');
    if (functionName === undefined) return pass(incoming, body, response);
    const call = { ...describeCall({ method, url, headers, body }), functionName, processId: '', sequence: 0 };
    const wanted = requestsOf(call, 200);
    for (const one of [...wanted, ...wanted.flatMap((request) => keyRequestsOf(request, policies.keys))])
      if (!decide(one)) return refuse(response, headers, `${one.principal} may not ${one.action} ${one.resource}`);
    const [, ...toBeTold] = requestsOf(call, 404);
    return pass(incoming, body, response, (status) => {
      if (status === 404 && !toBeTold.every(decide))
        refuse(response, headers, `${functionName} is not told of absence`);
      else return true;
      return false;
    });
  };

  const pass = (
    { method, url, headers }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    mayAnswer: (status: number) => boolean = () => true,
  ) =>
    new Promise<void>((resolve, reject) => {
      const { 'transfer-encoding': _, expect: __, ...rest } = headers;
      const sent = named(body);
      const options = { method, headers: { ...rest, 'content-length': sent.length } };
      const outgoing = forward(new URL(url ?? '/', target), options, (answer) => {
        if (!mayAnswer(answer.statusCode ?? 500)) return resolve(void answer.resume());
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response).on('finish', resolve);
      });
      outgoing.on('error', reject).end(sent);
    });

  const server = createServer((incoming, response) => {
    take(incoming, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    get decided() {
      return decided;
    },
    denied,
    decide,
    stop: () => close(server),
  };
}

/** Replaces ARNs of secrets by their names: the ARNs are those of the embedded cloud, and moto does not know them. */
function named(body: Buffer): Buffer {
  if (!body.includes(localSecret)) return body;
  return Buffer.from(body.toString().replaceAll(/arn:aws:secretsmanager:[^"]*:secret:([^"]*)-LOCAL0/g, '$1'));
}

function refuse(response: ServerResponse, headers: IncomingMessage['headers'], message: string): void {
  if ('x-amz-target' in headers) {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: 'AccessDeniedException', message }));
    return;
  }
  response.writeHead(403, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`);
}
