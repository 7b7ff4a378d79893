import { setTimeout as wait } from 'node:timers/promises';
import type { Simulator } from '../local/simulator/simulator.ts';

/** Maximum deliveries that wait for an answer at a time. At the maximum, a slow receiver slows the driver down. */
const mostInFlight = 200;

/** Changes leads and sends a signed event about each change, at a set rate. */
export class EventDriver {
  readonly #simulator: Simulator;
  readonly #rate: number;
  readonly #ids: string[];
  readonly #accepted = new Set<string>();
  readonly #milliseconds: number[] = [];
  #sent = 0;
  #refused = 0;
  #seconds = 0;

  constructor(simulator: Simulator, rate: number) {
    this.#simulator = simulator;
    this.#rate = rate;
    this.#ids = [...simulator.expectedRows('leads')].flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  }

  /** Sends events until a time. @param until milliseconds since 1970 */
  async drive(until: number): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    const startedAt = Date.now();
    while (Date.now() < until) {
      const due = startedAt + (this.#sent * 1_000) / this.#rate;
      if (due > Date.now()) await wait(due - Date.now());
      while (inFlight.size >= mostInFlight) await Promise.race(inFlight);
      const one = this.#send().finally(() => inFlight.delete(one));
      inFlight.add(one);
    }
    this.#seconds = (Date.now() - startedAt) / 1_000;
    await Promise.all(inFlight);
  }

  result() {
    const sorted = this.#milliseconds.toSorted((a, b) => a - b);
    return {
      sent: this.#sent,
      /** Ids of deliveries that were answered with 2xx. */
      accepted: this.#accepted,
      refused: this.#refused,
      seconds: this.#seconds,
      percentile: (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0),
    };
  }

  async #send(): Promise<void> {
    this.#sent += 1;
    const id = this.#ids[(this.#sent * 7_919) % this.#ids.length] ?? '';
    this.#simulator.updateLead(id, { title: `Change ${this.#sent}` });
    const startedAt = performance.now();
    const [delivery] = await this.#simulator.emit('lead.updated', id);
    this.#milliseconds.push(performance.now() - startedAt);
    const deliveryId = delivery?.['id'];
    if (delivery?.['status'] === 'delivered' && typeof deliveryId === 'string') this.#accepted.add(deliveryId);
    else this.#refused += 1;
  }
}
