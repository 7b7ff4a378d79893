import { z } from 'zod';
import { port, wholeNumber } from '../cli/flag-values.ts';
import { command, runCommand } from '../cli/run-command.ts';
import { UsageError } from '../cli/usage-error.ts';
import { leadBounds, startSimulator } from './simulator.ts';

const anyCount = { least: 0, most: 1_000_000_000 };

export const simulator = command({
  command: 'npm run simulator',
  summary: 'Runs the simulated API by itself, until it is interrupted.',
  flags: {
    leads: { value: '<n>', help: 'size of the workspace' },
    seed: { value: '<n>', help: 'of everything that is drawn at random' },
    port: { value: '<port>', help: 'of 127.0.0.1; default: any that is free' },
    latency: { value: '<ms>', help: 'wait before each answer' },
    'requests-per-minute': { value: '<n>', help: 'limit of the API' },
  },
  input: z.strictObject({
    leads: wholeNumber('--leads', leadBounds).exactOptional(),
    seed: wholeNumber('--seed', anyCount).exactOptional(),
    port: port('--port').exactOptional(),
    latency: wholeNumber('--latency', anyCount).optional(),
    requestsPerMinute: wholeNumber('--requests-per-minute', anyCount).exactOptional(),
  }),
  async run({ latency, ...options }) {
    const started = await startSimulator({
      ...options,
      ...(latency === undefined ? {} : { latencyMilliseconds: latency }),
    }).catch((error: unknown) => {
      if (error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error)
        throw new UsageError(
          `Port ${options.port} of 127.0.0.1 cannot be had (${String(error.code)}). Choose another with --port.`,
        );
      throw error;
    });
    process.stdout.write(`Base URL: ${started.baseUrl}\nKey:      ${started.apiKey}\n`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void started.stop());
    return 0;
  },
});

if (import.meta.main) await runCommand(simulator);
