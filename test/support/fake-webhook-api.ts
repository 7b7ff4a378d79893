import { NotFoundError } from '../../lambdas/core/errors.ts';
import type { RegisteredEndpoint, WebhookApi, WebhookSecretStore } from '../../lambdas/core/ports.ts';
import type { WebhookSecret } from '../../lambdas/contract/webhook.ts';

/** A failure of one call: the error, and whether the vendor carries the call out first. */
export interface Disturbance {
  readonly error: Error;
  readonly isCarriedOut: boolean;
}

/** The vendor's webhook endpoints. Calls fail as the test says. */
export class FakeWebhookApi implements WebhookApi {
  readonly stored = new Map<string, RegisteredEndpoint & { events: readonly string[] }>();
  /** Names of the calls so far. */
  readonly calls: string[] = [];
  /** Decides whether a call fails, by its number from 0. */
  disturb: (call: number) => Disturbance | undefined = () => undefined;
  #made = 0;

  endpoints = async () => this.#call('list', () => [...this.stored.values()]);

  create = async ({ url, events }: { url: string; events: readonly string[] }) =>
    this.#call('create', () => {
      this.#made += 1;
      const id = `wh_${this.#made}`;
      const signingSecret = `whsec_${id}`;
      this.stored.set(id, { id, url, events, secretPrefix: signingSecret, isDisabled: false });
      return { id, signingSecret };
    });

  update = async (id: string, wish: { url: string; events: readonly string[] }) =>
    this.#call('update', () => {
      this.stored.set(id, { ...this.#find(id), ...wish });
    });

  delete = async (id: string) =>
    this.#call('delete', () => {
      this.#find(id);
      this.stored.delete(id);
    });

  // oxlint-disable-next-line require-yield -- the registration looks at no delivery
  async *deliveries(): AsyncGenerator<never> {
    throw new Error('The registration looks at no delivery.');
  }

  retry = async () => {};

  #find(id: string) {
    const found = this.stored.get(id);
    if (!found) throw new NotFoundError('There is no such endpoint.');
    return found;
  }

  #call<T>(name: string, act: () => T): T {
    const disturbance = this.disturb(this.calls.length);
    this.calls.push(name);
    if (!disturbance) return act();
    if (disturbance.isCarriedOut) act();
    throw disturbance.error;
  }
}

export class MemorySecret implements WebhookSecretStore {
  value: WebhookSecret | undefined;
  /** Makes writes fail, before or after they take effect. */
  disturb: Disturbance | undefined;

  read = async () => this.value;

  write = async (value: WebhookSecret) => {
    if (!this.disturb || this.disturb.isCarriedOut) this.value = value;
    if (this.disturb) throw this.disturb.error;
  };
}
