import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Runs `work`. If a signal ends the process meanwhile, first prints `text`, which says what becomes of the work. */
export async function saidIfInterrupted<T>(text: string, work: () => Promise<T>): Promise<T> {
  const end = (signal: (typeof signals)[number]) => {
    process.stderr.write(`\n${text}\n`);
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}
