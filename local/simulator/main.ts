import { parseArgs } from 'node:util';
import { portNumber, wholeNumber } from '../cli/flag-values.ts';
import { runCommand } from '../cli/run-main.ts';
import { UsageError } from '../cli/usage-error.ts';
import { leadBounds, startSimulator } from './simulator.ts';
import type { SimulatorOptions } from './options.ts';

/** `npm run simulator`: the simulator by itself, until it is interrupted. */

const usage =
  'npm run simulator -- [--leads <n>] [--seed <n>] [--port <n>] [--latency <ms>] [--requests-per-minute <n>]';
const flags = {
  leads: { type: 'string' },
  seed: { type: 'string' },
  port: { type: 'string' },
  latency: { type: 'string' },
  'requests-per-minute': { type: 'string' },
} as const;
const anyCount = { least: 0, most: 1_000_000_000 };

await runCommand(usage, async (args) => {
  const options = parseOptions(args);
  const simulator = await startSimulator(options).catch((error: unknown) => {
    if (error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error)
      throw new UsageError(
        `Port ${options.port} of 127.0.0.1 cannot be had (${String(error.code)}). Choose another with --port.`,
      );
    throw error;
  });
  process.stdout.write(`Base URL: ${simulator.baseUrl}\nKey:      ${simulator.apiKey}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
  return 0;
});

function parseOptions(args: string[]): SimulatorOptions {
  const { values } = parseArgs({ args, options: flags, allowPositionals: false });
  const leads = wholeNumber('--leads', values.leads, leadBounds);
  const seed = wholeNumber('--seed', values.seed, anyCount);
  const port = portNumber('--port', values.port);
  const latencyMilliseconds = wholeNumber('--latency', values.latency, anyCount);
  const requestsPerMinute = wholeNumber('--requests-per-minute', values['requests-per-minute'], anyCount);
  return {
    ...(leads === undefined ? {} : { leads }),
    ...(seed === undefined ? {} : { seed }),
    ...(port === undefined ? {} : { port }),
    ...(latencyMilliseconds === undefined ? {} : { latencyMilliseconds }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
  };
}
