import type { PriceId, PriceTable } from './prices.ts';

/** So much of what has a price. */
export interface Usage {
  readonly price: PriceId;
  readonly quantity: number;
  /** What it is for: `nights`, `webhooks`, `always`. */
  readonly cause: string;
}

export interface BillLine extends Usage {
  readonly service: string;
  readonly usd: number;
}

/** What each usage costs, without anything that AWS gives for nothing. */
export function bill(usages: readonly Usage[], { prices }: PriceTable): BillLine[] {
  return usages
    .filter(({ quantity }) => quantity > 0)
    .map((usage) => {
      const { service, usd, per } = prices[usage.price];
      return { ...usage, service, usd: (usage.quantity / per) * usd };
    });
}

export function total(lines: readonly BillLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

/** Dollars by a property of the lines, the largest first. */
export function dollarsBy(lines: readonly BillLine[], of: (line: BillLine) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of lines) sums.set(of(line), (sums.get(of(line)) ?? 0) + line.usd);
  return new Map([...sums].toSorted(([, a], [, b]) => b - a));
}

/** What an account saves that uses none of these services otherwise: what AWS gives each month, for ever. */
export function freeTier(lines: readonly BillLine[], { prices }: PriceTable): number {
  const quantities = new Map<PriceId, number>();
  for (const { price, quantity } of lines) quantities.set(price, (quantities.get(price) ?? 0) + quantity);
  return [...quantities].reduce(
    (sum, [id, quantity]) => sum + (Math.min(quantity, prices[id].free) / prices[id].per) * prices[id].usd,
    0,
  );
}
