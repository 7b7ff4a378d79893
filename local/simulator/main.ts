import { programCommand } from '../cli/command-names.ts';
import { command } from '../cli/run-command.ts';
import { UsageError } from '../cli/usage-error.ts';
import { optionFlags, simulatorInput } from './flags.ts';
import { startSimulator } from './simulator.ts';

export const simulator = command({
  ...programCommand('simulator'),
  flags: {
    ...optionFlags,
    'new-day': {
      value: '<seconds>',
      help: 'change the workspace as one day would, each time this many seconds have passed',
    },
  },
  input: simulatorInput,
  async run({ options, newDay }) {
    const started = await startSimulator(options).catch((error: unknown) => {
      if (error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error)
        throw new UsageError(
          `Port ${options.port} on 127.0.0.1 is not available (${String(error.code)}). Choose another with --port.`,
        );
      throw error;
    });
    process.stdout.write(`Base URL: ${started.baseUrl}\nKey:      ${started.apiKey}\n`);
    if (newDay !== undefined) setInterval(() => started.advance(new Date()), newDay * 1_000).unref();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void started.stop());
    return 0;
  },
});
