import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** CloudFormation as a custom resource sees it: it sends requests and takes the answers at its response URL. */
export class CustomResourceCaller {
  readonly answers: Record<string, unknown>[] = [];
  readonly #server: Server;
  #requests = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<CustomResourceCaller> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        caller.answers.push(JSON.parse(body) as Record<string, unknown>);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    const caller = new CustomResourceCaller(server);
    await once(server, 'listening');
    return caller;
  }

  stop(): void {
    this.#server.close();
  }

  /** Sends a request to the function. @returns the function's answer */
  async ask(
    invoke: (event: unknown) => Promise<unknown>,
    RequestType: 'Create' | 'Update' | 'Delete',
    properties: object,
    RequestId = `request-${(this.#requests += 1)}`,
  ): Promise<Record<string, unknown> | undefined> {
    await invoke({
      RequestType,
      RequestId,
      ResponseURL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/answer`,
      StackId: 'arn:aws:cloudformation:eu-central-1:000000000000:stack/test/1',
      LogicalResourceId: 'Registration',
      ResourceType: 'Custom::ProspectB2BWebhook',
      ResourceProperties: { ServiceToken: 'arn', ...properties },
    });
    return this.answers.at(-1);
  }
}
