import { command, runCommand } from '../cli/run-command.ts';
import { UsageError } from '../cli/usage-error.ts';
import { optionFlags, simulatorInput } from './flags.ts';
import { startSimulator } from './simulator.ts';

export const simulator = command({
  command: 'npm run simulator',
  summary: 'Runs the simulated API by itself, until it is interrupted.',
  flags: {
    ...optionFlags,
    'new-day': { value: '<seconds>', help: 'let another day pass in the workspace after each so many seconds' },
  },
  input: simulatorInput,
  async run({ options, newDay }) {
    const started = await startSimulator(options).catch((error: unknown) => {
      if (error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error)
        throw new UsageError(
          `Port ${options.port} of 127.0.0.1 cannot be had (${String(error.code)}). Choose another with --port.`,
        );
      throw error;
    });
    process.stdout.write(`Base URL: ${started.baseUrl}\nKey:      ${started.apiKey}\n`);
    if (newDay !== undefined) setInterval(() => started.advance(new Date()), newDay * 1_000).unref();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void started.stop());
    return 0;
  },
});

if (import.meta.main) await runCommand(simulator);
