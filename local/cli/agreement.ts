import { createInterface } from 'node:readline/promises';

/** Asks the person at the terminal whether to go on. */
export async function personAgrees(): Promise<boolean> {
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await questions.question('Go on? [y/N] ')).trim());
  } finally {
    questions.close();
  }
}
