/** How each command of the program is loaded and run. No command is loaded before it is chosen. */

import { type ProgramCommandName } from '../local/cli/command-names.ts';
import { type Command, commandStatus } from '../local/cli/run-command.ts';

/** Runs a command with its arguments. @returns the exit status */
type Run = (args: readonly string[]) => Promise<number>;

const run =
  (load: () => Promise<Command>): Run =>
  async (args) =>
    commandStatus(await load(), args);

export const runs: Readonly<Record<ProgramCommandName, Run>> = {
  start: run(async () => (await import('../local/cli/start.ts')).start()),
  query: run(async () => (await import('../local/cli/query.ts')).query),
  doctor: run(async () => (await import('../doctor/main.ts')).doctor),
  mcp: run(async () => (await import('../mcp/main.ts')).mcp),
  page: run(async () => (await import('../ops/page.ts')).page),
  'simulate-event': run(async () => (await import('../local/cli/simulate-event.ts')).simulateEvent),
  simulator: run(async () => (await import('../local/simulator/main.ts')).simulator),
  scopes: run(async () => (await import('../tools/scopes.ts')).scopes),
  cost: run(async () => (await import('../cost/main.ts')).cost),
  policies: run(async () => (await import('../policies/main.ts')).writePolicies),
  synth: run(async () => (await import('./synth.ts')).synth),
  deploy: run(async () => (await import('./deploy/deploy.ts')).deploy),
  'check-columns': run(async () => (await import('./deploy/check-columns.ts')).checkColumns),
  ops: async (args) => (await import('../ops/main.ts')).operate(args),
};
