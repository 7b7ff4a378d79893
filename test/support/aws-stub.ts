/**
 * A stub of AWS over HTTP for `prospect-lake deploy`: CloudFormation with change sets that take a while, and as much of
 * STS, SSM, S3, Secrets Manager, Lambda and Scheduler as a deployment asks for. It creates no resources.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { account, type Answer, json, readRequest, type Request, xml } from './aws-answers.ts';
import { CloudFormationStub } from './cloudformation-stub.ts';

export class AwsStub {
  readonly cloudFormation: CloudFormationStub;
  key: string | undefined;
  /** Called with each step that changes something, after it took effect and before its answer. */
  afterStep: (step: string) => void = () => {};
  readonly unknown: string[] = [];
  /** The text of a version of a current table, by its key in the bucket. */
  readonly versions = new Map<string, string>();
  #isRunStarted = false;
  /** Uploaded templates and assets, by file name. */
  readonly #uploads = new Map<string, string>();
  readonly #server = createServer((request, response) => {
    void readRequest(request).then((asked) => {
      const { status = 200, body } = this.#answer(asked);
      response.writeHead(status, {
        'content-type': body.startsWith('<') ? 'text/xml' : 'application/json',
        etag: '"e"',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });

  /** @param outputs values of the stacks' outputs, by name */
  constructor(outputs: Readonly<Record<string, string>>) {
    this.cloudFormation = new CloudFormationStub(
      outputs,
      (url) => this.#uploads.get(url.pathname.split('/').at(-1) ?? '') ?? '{}',
      (name, effect) => this.#step(name, effect),
    );
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #step<T>(name: string, effect: () => T): T {
    const result = effect();
    this.afterStep(name);
    return result;
  }

  #answer(request: Request): Answer {
    const services: Readonly<Record<string, () => Answer | undefined>> = {
      sts: () => this.#sts(request),
      cloudformation: () => this.cloudFormation.answer(request),
      ssm: () => json({ Parameter: { Name: 'v', Value: '30', Type: 'String' } }),
      s3: () => this.#s3(request),
      secretsmanager: () => this.#secrets(request),
      lambda: () => this.#lambda(request),
      scheduler: () => json({ State: 'ENABLED', Name: 'n' }),
    };
    const answer = services[request.service]?.();
    if (answer) return answer;
    this.unknown.push(`${request.service} ${request.action}`);
    return json({ __type: 'NotImplemented' }, 501);
  }

  #sts({ action }: Request): Answer {
    if (action === 'AssumeRole')
      return xml(
        action,
        '<Credentials><AccessKeyId>role</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>',
      );
    return xml(
      action,
      `<Account>${account}</Account><Arn>arn:aws:iam::${account}:user/deployer</Arn><UserId>u</UserId>`,
    );
  }

  #s3({ action, query, path, body }: Request): Answer {
    const [method] = action.split(' ');
    if (query.has('location')) return { body: '<LocationConstraint>eu-west-1</LocationConstraint>' };
    if (query.has('encryption'))
      return {
        body: '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
      };
    if (method === 'PUT') this.#uploads.set(path.split('/').at(-1) ?? '', textIn(body));
    if (query.has('list-type')) {
      const prefix = query.get('prefix') ?? '';
      const merged = this.#isRunStarted && prefix === 'current/' ? ['current/leads/metadata/v1.metadata.json'] : [];
      const keys = [...merged, ...this.versions.keys()].filter((key) => key.startsWith(prefix));
      const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('');
      return { body: `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>` };
    }
    if (method === 'HEAD') return { status: 404, body: '<Error/>' };
    const version = [...this.versions].find(([key]) => path.endsWith(key))?.[1];
    if (method === 'GET' && version !== undefined) return { body: version };
    if (method === 'GET') return { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>' };
    return { body: '' };
  }

  #secrets({ action, body }: Request): Answer {
    // A stack that only has a change set has no template yet.
    if (!this.cloudFormation.stacks.get('ProspectLake-main-Data')?.template)
      return json({ __type: 'ResourceNotFoundException', message: 'none' }, 400);
    if (action === 'PutSecretValue')
      return this.#step('put the key', () => {
        this.key = z.object({ SecretString: z.string() }).parse(JSON.parse(body)).SecretString;
        return json({ VersionId: 'v' });
      });
    return json({ Name: 'api-key', ...(this.key ? { VersionIdsToStages: { v: ['AWSCURRENT'] } } : {}) });
  }

  #lambda({ action }: Request): Answer {
    if (action.includes('account-settings'))
      return json({ AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 } });
    return this.#step('start the run', () => {
      this.#isRunStarted = true;
      return json({ runId: 'nightly-20260101T000000000Z' });
    });
  }
}

/** The JSON in the body of an upload. The SDK puts chunk lengths, signatures or checksums around it. */
function textIn(body: string): string {
  const [start, end] = [body.indexOf('{'), body.lastIndexOf('}')];
  return start === -1 ? '' : body.slice(start, end + 1);
}
