import { z } from 'zod';
import { ServiceError } from '../service-error.ts';

interface Secret {
  readonly name: string;
  readonly arn: string;
  /** Value of the secret. Undefined while it has none. */
  text: string | undefined;
}

const getRequest = z.object({ SecretId: z.string().min(1) });
const putRequest = getRequest.extend({ SecretString: z.string() });

/**
 * Emulates Secrets Manager, with only the current value of each secret. Values are kept in memory, so an API key given
 * for a run is not left on the disk. generated-secrets.ts keeps the values that the embedded cloud generates.
 */
export class Secrets {
  readonly #secrets: Secret[] = [];

  /** @param text undefined: the secret has no value yet, as after a deployment */
  add(name: string, arn: string, text?: string): void {
    this.#secrets.push({ name, arn, text });
  }

  /** Secrets Manager's answer to an operation. */
  handle(operation: string, body: unknown): unknown {
    switch (operation) {
      case 'GetSecretValue': {
        const { arn, name, text } = this.#named(getRequest.parse(body).SecretId);
        if (text === undefined) throw missing('secret value for staging label: AWSCURRENT');
        return { ARN: arn, Name: name, SecretString: text };
      }
      case 'PutSecretValue': {
        const { SecretId, SecretString } = putRequest.parse(body);
        const secret = this.#named(SecretId);
        secret.text = SecretString;
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
    // The id may be an ARN without the suffix of six characters that Secrets Manager appends.
    const found = this.#secrets.find(({ name, arn }) => id === name || id === arn || arn.replace(/-[^-]*$/, '') === id);
    if (found) return found;
    throw missing('secret.');
  }
}

const missing = (what: string) =>
  new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}`);
