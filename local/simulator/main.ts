import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runMain } from '../run-main.ts';
import { UsageError } from '../usage-error.ts';
import { startSimulator } from './simulator.ts';

/** `npm run simulator`: the simulator by itself, until it is interrupted. */

const count = z.coerce.number().int().nonnegative();
const flags = z
  .object({ leads: count, seed: count, port: count.max(65_535), latency: count, 'requests-per-minute': count })
  .partial();
type Flags = z.infer<typeof flags>;
const usage = '--leads <n> --seed <n> --port <n> --latency <ms> --requests-per-minute <n>';

await runMain(async () => {
  const { leads, seed, port, latency, 'requests-per-minute': requestsPerMinute } = parseFlags(process.argv.slice(2));
  const simulator = await startSimulator({
    ...(leads === undefined ? {} : { leads }),
    ...(seed === undefined ? {} : { seed }),
    ...(port === undefined ? {} : { port }),
    ...(latency === undefined ? {} : { latencyMilliseconds: latency }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
  });
  process.stdout.write(`Base URL: ${simulator.baseUrl}\nKey:      ${simulator.apiKey}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
  return 0;
});

/** @throws UsageError with one line about what is wrong */
function parseFlags(args: string[]): Flags {
  const options = Object.fromEntries(Object.keys(flags.shape).map((name) => [name, { type: 'string' as const }]));
  try {
    return flags.parse(parseArgs({ args, options, strict: true, allowPositionals: false }).values);
  } catch (error) {
    const what =
      error instanceof z.ZodError
        ? `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`
        : error instanceof Error
          ? error.message
          : String(error);
    throw new UsageError(`${what}\nUsage: npm run simulator -- ${usage}`);
  }
}
