import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** An error as the JSON protocol of AWS spells it. */
export class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
  }
}

interface Version {
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
  stages: readonly string[];
}

const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
const secretId = z.string().min(1);
const getRequest = z.object({
  SecretId: secretId,
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
const putRequest = z.object({
  SecretId: secretId,
  SecretString: z.string(),
  ClientRequestToken: z.string().optional(),
  VersionStages: z.array(z.string()).min(1).default([current]),
});
const describeRequest = z.object({ SecretId: secretId });
const stageRequest = z.object({
  SecretId: secretId,
  VersionStage: z.string(),
  MoveToVersionId: z.string().optional(),
  RemoveFromVersionId: z.string().optional(),
});

class Secret {
  readonly name: string;
  readonly arn: string;
  readonly #versions = new Map<string, Version>();

  constructor(name: string, arn: string) {
    this.name = name;
    this.arn = arn;
  }

  find({ VersionId, VersionStage }: { VersionId?: string | undefined; VersionStage?: string | undefined }): Version {
    const stage = VersionStage ?? (VersionId ? undefined : current);
    for (const version of this.#versions.values()) {
      if ((!VersionId || version.id === VersionId) && (!stage || version.stages.includes(stage))) return version;
    }
    throw new ServiceError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${VersionId ? `version ${VersionId}` : `staging label: ${stage}`}`,
    );
  }

  /** The same token with the same value changes nothing. */
  put(id: string, text: string, stages: readonly string[]): Version {
    const existing = this.#versions.get(id);
    if (existing) {
      if (existing.text === text) return existing;
      throw new ServiceError(
        'ResourceExistsException',
        'A version of this secret exists under this token with another value.',
      );
    }
    const version = { id, text, createdAt: Date.now() / 1_000, stages: [] as readonly string[] };
    this.#versions.set(id, version);
    for (const stage of stages) this.move(stage, id);
    return version;
  }

  /** A stage stands on one version; the one that loses AWSCURRENT becomes AWSPREVIOUS. */
  move(stage: string, to: string | undefined): void {
    const before = [...this.#versions.values()].find((version) => version.stages.includes(stage));
    const after = to === undefined ? undefined : this.find({ VersionId: to });
    if (before === after) return;
    if (before) before.stages = before.stages.filter((name) => name !== stage);
    if (after) after.stages = [...after.stages, stage];
    if (stage === current && before && after) this.move(previous, before.id);
  }

  stages(): Record<string, readonly string[]> {
    const staged = [...this.#versions.values()].filter((version) => version.stages.length > 0);
    return Object.fromEntries(staged.map((version) => [version.id, version.stages]));
  }
}

/** Secrets Manager. The values live in this process alone: a key that was given for a run is not left on the disk. Those that were made up here are kept by generated-secrets.ts. */
export class Secrets {
  readonly #secrets: Secret[] = [];

  /** @param text without it the secret has no version, as the template leaves it */
  add(name: string, arn: string, text?: string): void {
    const secret = new Secret(name, arn);
    if (text !== undefined) secret.put(randomUUID(), text, [current]);
    this.#secrets.push(secret);
  }

  /** The service's answer to an operation. */
  handle(operation: string, body: unknown): unknown {
    switch (operation) {
      case 'GetSecretValue': {
        const request = getRequest.parse(body);
        const secret = this.#named(request.SecretId);
        const version = secret.find(request);
        return {
          ARN: secret.arn,
          Name: secret.name,
          SecretString: version.text,
          VersionId: version.id,
          VersionStages: version.stages,
          CreatedDate: version.createdAt,
        };
      }
      case 'PutSecretValue': {
        const { SecretId, SecretString, ClientRequestToken = randomUUID(), VersionStages } = putRequest.parse(body);
        const secret = this.#named(SecretId);
        const version = secret.put(ClientRequestToken, SecretString, VersionStages);
        return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages };
      }
      case 'DescribeSecret': {
        const secret = this.#named(describeRequest.parse(body).SecretId);
        return { ARN: secret.arn, Name: secret.name, VersionIdsToStages: secret.stages() };
      }
      case 'UpdateSecretVersionStage': {
        const { SecretId, VersionStage, MoveToVersionId } = stageRequest.parse(body);
        const secret = this.#named(SecretId);
        secret.move(VersionStage, MoveToVersionId);
        return { ARN: secret.arn, Name: secret.name };
      }
      default:
        throw new ServiceError(
          'UnknownOperationException',
          `The embedded cloud does not know ${operation} of Secrets Manager.`,
        );
    }
  }

  #named(id: string): Secret {
    // The ARN may come without the six characters that the service puts at its end.
    const found = this.#secrets.find(({ name, arn }) => id === name || id === arn || arn.replace(/-[^-]*$/, '') === id);
    if (found) return found;
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
}
