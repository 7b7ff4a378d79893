import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendRequest, type SendRequest } from '../../lambdas/adapters/send-request.ts';
import type { ProxyResponse } from '../../local/faults/fault-injector.ts';
import { sendProxyResponse } from '../../local/faults/fault-proxy.ts';
import { baseUrl, type HostileApi } from './hostile-api.ts';

export interface HostileWire {
  /** Sends requests as the functions do, over a socket to the API. */
  readonly send: SendRequest;
  stop(): Promise<void>;
}

/** Serves a hostile API on a local socket. */
export async function startHostileWire(api: HostileApi): Promise<HostileWire> {
  const server = createServer((request, response) => {
    api.answer(request.url ?? '').then(
      async (wire) => sendProxyResponse(withShortWaits(wire), request, response),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server has this shape.
  const { port } = server.address() as AddressInfo;
  return {
    send: async (request, timeoutMilliseconds) =>
      sendRequest({ ...request, url: request.url.replace(baseUrl, `http://127.0.0.1:${port}`) }, timeoutMilliseconds),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Shortens the planned waits to a hundredth, as the request timeout is shortened too. */
function withShortWaits(wire: ProxyResponse): ProxyResponse {
  if (wire.kind !== 'answer') return wire;
  return { ...wire, answer: { ...wire.answer, waitMilliseconds: wire.answer.waitMilliseconds / 100 } };
}
