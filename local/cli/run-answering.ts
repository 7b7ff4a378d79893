import { runMain } from './run-main.ts';

/**
 * Runs a command as all are run, and where a program reads its standard output (`--json`), tells there as
 * well why there is no answer: `{"error": "…"}`.
 */
export async function runAnswering(json: boolean, main: () => Promise<number>): Promise<void> {
  await runMain(async () => {
    try {
      return await main();
    } catch (error) {
      if (json) tellError(error instanceof Error ? error.message : String(error));
      throw error;
    }
  });
}

export function tellError(message: string): void {
  process.stdout.write(`${JSON.stringify({ error: message })}\n`);
}
