import type { Intent, Outcome } from '../../ops/command.ts';

/** Carries out a command. @returns what the command says it will do, and what it did */
export async function carryOut(prepared: Intent | Outcome): Promise<{ told: string; outcome: Outcome }> {
  if (!('act' in prepared)) return { told: '', outcome: prepared };
  return { told: prepared.lines.join('\n'), outcome: await prepared.act() };
}
