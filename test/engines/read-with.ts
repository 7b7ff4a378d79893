import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Reading } from './scenario.ts';

const answer = z.union([
  z.object({ rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]))) }),
  z.object({ error: z.string() }),
]);
export type Answer = z.infer<typeof answer>;

const script = fileURLToPath(new URL('read_tables.py', import.meta.url));

/** Reads everything in one process of the engine. @returns an answer for each reading */
export async function readWith(
  engine: string,
  readings: readonly Reading[],
  {
    python,
    endpoint,
    environment,
  }: {
    readonly python: string;
    readonly endpoint: string;
    readonly environment: Readonly<Record<string, string>>;
  },
): Promise<Answer[]> {
  const child = spawn(python, [script, engine, endpoint], { env: { ...process.env, ...environment } });
  child.stdin.end(JSON.stringify(readings.map((reading) => ({ ...reading, rows: undefined }))));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    return z.array(answer).parse(JSON.parse(output));
  } catch {
    throw new Error(`${engine} gave no answers: ${errors.slice(-4_000)}`);
  }
}

/** Rows as sorted text, so that equal sets of rows are equal lists. */
export function comparable(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

/** A value in the form that {@link readWith} returns. */
export function asRead(value: ColumnValue): unknown {
  if (value instanceof Date) return String(BigInt(value.getTime()) * 1000n);
  return typeof value === 'bigint' ? String(value) : value;
}
