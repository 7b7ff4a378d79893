import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { prospectLakeApp } from '../../lib/app.ts';
import type { WorkspaceInput } from '../../lib/config/workspace-input.ts';
import { serveHttpApi } from '../../local/cloud/api-gateway/http-api.ts';
import { pseudoParameters, region } from '../../local/cloud/cloudformation/addresses.ts';
import { type Definitions, readDefinitions } from '../../local/cloud/cloudformation/definitions.ts';
import { findNamed } from '../../local/cloud/cloudformation/names.ts';
import { readAssembly } from '../../local/cloud/cloudformation/template.ts';
import { Values } from '../../local/cloud/cloudformation/values.ts';
import { scheduledInput } from '../../local/cloud/eventbridge/schedules.ts';
import { type EnvironmentOverrides, overridesFor } from '../../local/cloud/lambda/environment-overrides.ts';
import { LocalFunction } from '../../local/cloud/lambda/functions.ts';
import { policiesIn } from '../support/iam-policies.ts';
import { type Guard, startGuard } from './guard.ts';
import { logFile, type Moto, startMoto } from './moto.ts';
import { QueueMapping } from './queue-mapping.ts';
import { wantedResources } from './resources.ts';

const motoPort = 5_599;
const account = pseudoParameters['AWS::AccountId'] ?? '';
const pollers = 'poller-of-';

interface Parts {
  readonly moto: Moto;
  readonly definitions: Definitions;
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly folder: string;
}

/** The stacks as deployed, on moto: every resource is created, and every function runs with its role's permissions. */
export class AwsWorld {
  readonly made: number;
  readonly guard: Guard;
  readonly webhookUrl: string;
  readonly lines: string[];
  readonly #parts: Parts;
  readonly #mappings: QueueMapping[];
  readonly #closeApi: () => Promise<void>;

  private constructor(
    parts: Parts,
    of: {
      made: number;
      guard: Guard;
      api: { url: string; close(): Promise<void> };
      mappings: QueueMapping[];
      lines: string[];
    },
  ) {
    this.#parts = parts;
    this.made = of.made;
    this.guard = of.guard;
    this.webhookUrl = `${of.api.url}/webhooks/prospectb2b`;
    this.#closeApi = () => of.api.close();
    this.#mappings = of.mappings;
    this.lines = of.lines;
  }

  static async start(config: WorkspaceInput, environment: EnvironmentOverrides): Promise<AwsWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'second-aws-'));
    const outdir = join(folder, 'assembly');
    prospectLakeApp([config], { outdir }).synth();
    const assembly = await readAssembly(outdir);
    const moto = await startMoto(motoPort, account);
    const { made } = moto.make(wantedResources(assembly, new Values(assembly, moto.endpoint)));

    const functions = new Map<string, LocalFunction>();
    const byKey = (key: string) =>
      key.startsWith(pollers)
        ? key.slice(pollers.length)
        : [...functions.values()].find((one) => one.owns(key))?.definition.name;
    const guard = await startGuard(moto.endpoint, await policiesIn(outdir), byKey);
    const definitions = readDefinitions(assembly, new Values(assembly, guard.endpoint), {
      concurrency: {},
      defaultConcurrency: 2,
    });
    const lines: string[] = [];
    for (const definition of definitions.functions) {
      const settings = {
        endpoint: guard.endpoint,
        answerDirectly: () => {
          throw new Error('Functions in processes call the endpoint.');
        },
        logs: join(folder, 'logs'),
        compileCache: join(folder, 'compiled'),
        environmentFor: (processId: string) => overridesFor(definition, environment, processId),
        onLog: ({ functionName, line }: { functionName: string; line: string }) =>
          lines.push(`${functionName} ${line}`),
      };
      functions.set(definition.arn, new LocalFunction(definition, settings));
    }
    const mappings = definitions.mappings.map((mapping) => {
      const target = [...functions.values()].find(({ definition }) => definition.functionName === mapping.functionName);
      const queue = definitions.queues.find(({ arn }) => arn === mapping.queueArn);
      if (!target || !queue) throw new Error(`The mapping ${mapping.name} joins nothing.`);
      const credentials = { accessKeyId: `${pollers}${target.definition.name}`, secretAccessKey: 'x' };
      const sqs = new SQSClient({ endpoint: guard.endpoint, region, credentials });
      return new QueueMapping(mapping, queue.url, target, sqs);
    });
    const [definition] = definitions.apis;
    if (!definition) throw new Error('The templates have no HTTP API.');
    const api = await serveHttpApi(definition, functions, 0);
    return new AwsWorld({ moto, definitions, functions, folder }, { made, guard, api, mappings, lines });
  }

  async stop(): Promise<void> {
    await writeFile(logFile, this.lines.join('\n'));
    await Promise.all(this.#mappings.map((mapping) => mapping.stop()));
    for (const one of this.#parts.functions.values()) one.stop();
    await this.#closeApi();
    await this.guard.stop();
    await this.#parts.moto.stop();
    await rm(this.#parts.folder, { recursive: true });
  }

  /** A client of an administrator, who may do everything in the account. */
  #client() {
    return { endpoint: this.#parts.moto.endpoint, region, credentials: { accessKeyId: 'admin', secretAccessKey: 'x' } };
  }

  async putSecret(name: string, SecretString: string): Promise<void> {
    const { secretName } = findNamed('secret', name, this.#parts.definitions.secrets, (one) => [one.secretName]);
    const secrets = new SecretsManagerClient(this.#client());
    await secrets.send(new PutSecretValueCommand({ SecretId: secretName, SecretString }));
  }

  async createBucket(Bucket: string): Promise<void> {
    await new S3Client(this.#client()).send(new CreateBucketCommand({ Bucket }));
  }

  async putObject(Bucket: string, Key: string, Body: string): Promise<void> {
    await new S3Client(this.#client()).send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  async invoke(name: string, event: unknown): Promise<unknown> {
    const found = findNamed(
      'function',
      name,
      [...this.#parts.functions.values()].map(({ definition }) => definition),
      () => [],
    );
    const target = this.#parts.functions.get(found.arn);
    return (await target?.invoke(event))?.answer;
  }

  /** Fires a schedule: its role must allow it, and its function gets the input from the template. */
  async fire(name: string, at: Date): Promise<unknown> {
    const schedule = findNamed('schedule', name, this.#parts.definitions.schedules, (one) => [one.scheduleName]);
    const allowed = this.guard.decide({
      principal: schedule.name,
      action: 'lambda:InvokeFunction',
      resource: schedule.targetArn,
      context: {},
    });
    if (!allowed) throw new Error(`The role of the schedule ${name} does not let it invoke its function.`);
    return (await this.#parts.functions.get(schedule.targetArn)?.invoke(scheduledInput(schedule, at)))?.answer;
  }

  /** Waits until no queue has a message and no function works on one. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      const idle = (await Promise.all(this.#mappings.map((mapping) => mapping.isIdle()))).every(Boolean);
      quiet = idle ? quiet + 1 : 0;
      await wait(200);
    }
  }

  /** Downloads every object of the lake's bucket. @returns the folder */
  async download(): Promise<string> {
    const out = await mkdtemp(join(this.#parts.folder, 'lake-'));
    const s3 = new S3Client(this.#client());
    const { bucketName: Bucket } = findNamed('bucket', 'lake', this.#parts.definitions.buckets, (one) => [
      one.bucketName,
    ]);
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
      for (const { Key = '' } of page.Contents ?? []) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        await mkdir(dirname(join(out, Key)), { recursive: true });
        await writeFile(join(out, Key), (await Body?.transformToByteArray()) ?? '');
      }
    }
    return out;
  }
}
