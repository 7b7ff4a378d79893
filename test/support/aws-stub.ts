/**
 * A stub of AWS over HTTP for `prospect-lake deploy`: CloudFormation with change sets that take a while, and as much of
 * STS, SSM, S3, Secrets Manager, Lambda and Scheduler as a deployment asks for. It creates no resources.
 */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const account = '111122223333';
const template = z.object({ Outputs: z.record(z.string(), z.unknown()).default({}) });

interface Stack {
  status: string;
  template: string;
  changeSet: { name: string; template: string } | undefined;
  /** Answers that still say that it is in progress. */
  steps: number;
}

interface Request {
  readonly service: string;
  /** Such as `CreateChangeSet`; for S3, Lambda and Scheduler the method and the path. */
  readonly action: string;
  readonly body: string;
  readonly query: URLSearchParams;
  readonly path: string;
}

interface Answer {
  readonly status?: number;
  readonly body: string;
}

const xml = (action: string, result: string): Answer => ({
  body: `<${action}Response><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
});
const xmlError = (code: string, message: string): Answer => ({
  status: 400,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export class AwsStub {
  readonly stacks = new Map<string, Stack>();
  key: string | undefined;
  readonly invocations: string[] = [];
  isBootstrapped = true;
  /** Tables appear when this many questions about them were answered. */
  questionsUntilTables = 1;
  /** Called with each step that changes something, before it takes effect. */
  onStep: (step: string) => void = () => {};
  /** Called with each step after it took effect, before its answer. */
  afterStep: (step: string) => void = () => {};
  readonly unknown: string[] = [];
  readonly #outputs: Readonly<Record<string, string>>;
  readonly #server = createServer((request, response) => {
    void this.#read(request).then((asked) => {
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
    this.#outputs = outputs;
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #read(request: IncomingMessage): Promise<Request> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString('latin1');
    const url = new URL(request.url ?? '/', 'http://stub');
    const [, service = 's3'] =
      /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const target = String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1);
    const form = new URLSearchParams(body);
    const action = target || form.get('Action') || `${request.method} ${url.pathname}`;
    return {
      service,
      action,
      body,
      query: target ? url.searchParams : form.has('Action') ? form : url.searchParams,
      path: url.pathname,
    };
  }

  #step<T>(name: string, effect: () => T): T {
    this.onStep(name);
    const result = effect();
    this.afterStep(name);
    return result;
  }

  #answer(request: Request): Answer {
    const services: Readonly<Record<string, () => Answer | undefined>> = {
      sts: () => this.#sts(request),
      cloudformation: () => this.#cloudFormation(request),
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

  #cloudFormation({ action, query, service }: Request): Answer | undefined {
    const name = (query.get('StackName') ?? '').replace(/^arn:[^/]*stack\/([^/]+)\/.*$/, '$1');
    const stack = this.stacks.get(name);
    switch (action) {
      case 'DescribeStacks': {
        if (name === 'CDKToolkit' && this.isBootstrapped)
          return xml(
            action,
            `<Stacks><member>${this.#member(name, 'UPDATE_COMPLETE', { BootstrapVersion: '30' })}</member></Stacks>`,
          );
        if (!stack) return xmlError('ValidationError', `Stack with id ${name} does not exist`);
        return xml(action, `<Stacks><member>${this.#describe(name, stack)}</member></Stacks>`);
      }
      case 'GetTemplate':
        return stack
          ? xml(action, `<TemplateBody>${escaped(stack.template || '{}')}</TemplateBody>`)
          : xmlError('ValidationError', `Stack with id ${name} does not exist`);
      case 'CreateChangeSet':
        return this.#step(`create change set of ${name}`, () => {
          const changeSet = {
            name: query.get('ChangeSetName') ?? '',
            template: query.get('TemplateBody') ?? this.#uploaded(query),
          };
          const made = stack ?? { status: 'REVIEW_IN_PROGRESS', template: '', changeSet, steps: 0 };
          this.stacks.set(name, { ...made, changeSet });
          return xml(
            action,
            `<Id>arn:aws:cloudformation:eu-west-1:${account}:changeSet/c/1</Id><StackId>${this.#id(name)}</StackId>`,
          );
        });
      case 'DescribeChangeSet': {
        if (!stack?.changeSet) return xmlError('ChangeSetNotFound', 'ChangeSet does not exist');
        const isSame = stack?.changeSet?.template === stack?.template;
        const change =
          '<Changes><member><Type>Resource</Type><ResourceChange><Action>Add</Action><LogicalResourceId>L</LogicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType></ResourceChange></member></Changes>';
        return xml(
          action,
          `<ChangeSetName>${stack?.changeSet?.name ?? ''}</ChangeSetName><ChangeSetId>arn:aws:cloudformation:eu-west-1:${account}:changeSet/c/1</ChangeSetId><StackId>${this.#id(name)}</StackId><StackName>${name}</StackName><ExecutionStatus>AVAILABLE</ExecutionStatus>${isSame ? "<Status>FAILED</Status><StatusReason>The submitted information didn't contain changes. Submit different information to create a change set.</StatusReason><Changes/>" : `<Status>CREATE_COMPLETE</Status>${change}`}`,
        );
      }
      case 'ExecuteChangeSet':
        return this.#step(`execute change set of ${name}`, () => {
          if (stack?.changeSet)
            this.stacks.set(name, {
              status: stack.status === 'REVIEW_IN_PROGRESS' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
              template: stack.changeSet.template,
              changeSet: undefined,
              steps: 2,
            });
          return xml(action, '');
        });
      case 'DeleteChangeSet':
        if (stack) stack.changeSet = undefined;
        return xml(action, '');
      case 'DescribeStackEvents':
      case 'ListStackResources':
      case 'DescribeStackResources':
      case 'UpdateTerminationProtection':
        return xml(action, '');
      default:
        this.unknown.push(`${service} ${action}`);
        return undefined;
    }
  }

  readonly #uploads = new Map<string, string>();

  #uploaded(query: URLSearchParams): string {
    return this.#uploads.get(new URL(query.get('TemplateURL') ?? '').pathname.split('/').at(-1) ?? '') ?? '{}';
  }

  #id = (name: string) => `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/1`;

  #describe(name: string, stack: Stack): string {
    if (stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS') {
      if (stack.steps === 0) stack.status = stack.status.replace('_IN_PROGRESS', '_COMPLETE');
      stack.steps -= 1;
    }
    const { Outputs } = template.parse(JSON.parse(stack.template || '{}'));
    const values = Object.keys(Outputs).map((output) => [output, this.#outputs[output] ?? `https://x.test/${output}`]);
    return this.#member(name, stack.status, Object.fromEntries(values));
  }

  #member(name: string, status: string, outputs: Readonly<Record<string, string>>): string {
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
    );
    return `<StackId>${this.#id(name)}</StackId><StackName>${name}</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs>`;
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
      const isTables = query.get('prefix') === 'current/' && this.invocations.length > 0;
      if (isTables) this.questionsUntilTables -= 1;
      const key =
        isTables && this.questionsUntilTables <= 0
          ? '<Contents><Key>current/leads/metadata/v1.metadata.json</Key><Size>1</Size></Contents>'
          : '';
      return { body: `<ListBucketResult><IsTruncated>false</IsTruncated>${key}</ListBucketResult>` };
    }
    if (method === 'HEAD') return { status: 404, body: '<Error/>' };
    if (method === 'GET') return { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>' };
    return { body: '' };
  }

  #secrets({ action, body }: Request): Answer {
    const isMade =
      this.stacks.get('ProspectLake-main-Data')?.template !== '' && this.stacks.has('ProspectLake-main-Data');
    if (!isMade) return json({ __type: 'ResourceNotFoundException', message: 'none' }, 400);
    if (action === 'PutSecretValue')
      return this.#step('put the key', () => {
        this.key = z.object({ SecretString: z.string() }).parse(JSON.parse(body)).SecretString;
        return json({ VersionId: 'v' });
      });
    return json({ Name: 'api-key', ...(this.key ? { VersionIdsToStages: { v: ['AWSCURRENT'] } } : {}) });
  }

  #lambda({ action, body }: Request): Answer {
    if (action.includes('account-settings'))
      return json({ AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 } });
    return this.#step('start the run', () => {
      this.invocations.push(body);
      return json({ runId: 'nightly-20260101T000000000Z' });
    });
  }
}

/** The content of an upload; the SDK sends it in chunks with a signature or a checksum each. */
function textIn(body: string): string {
  const [start, end] = [body.indexOf('{'), body.lastIndexOf('}')];
  return start === -1 ? '' : body.slice(start, end + 1);
}
