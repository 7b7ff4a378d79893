import { z } from 'zod';
import { ServiceError } from '../service-error.ts';

interface Secret {
  readonly name: string;
  readonly arn: string;
  /** Undefined while the secret has no value. */
  text: string | undefined;
}

const getRequest = z.object({ SecretId: z.string().min(1) });
const putRequest = getRequest.extend({ SecretString: z.string() });

/**
 * Secrets Manager with the current values only. They are kept in memory: an API key given for a run is not left on the
 * disk. Values generated here are kept by generated-secrets.ts.
 */
export class Secrets {
  readonly #secrets: Secret[] = [];

  /** @param text undefined: the secret has no value yet, as after a deployment */
  add(name: string, arn: string, text?: string): void {
    this.#secrets.push({ name, arn, text });
  }

  /** The service's answer to an operation. */
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
    // The ARN may come without the suffix of six characters that the service appends.
    const found = this.#secrets.find(({ name, arn }) => id === name || id === arn || arn.replace(/-[^-]*$/, '') === id);
    if (found) return found;
    throw missing('secret.');
  }
}

const missing = (what: string) =>
  new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}`);
