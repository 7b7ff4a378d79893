/** The prompt of `query`: statements of one or several lines, each answered when it ends with a semicolon. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UsageError } from './usage-error.ts';

const [prompt, continuation] = ['lake> ', '  ...> '];
const historySize = 1_000;

export interface Prompt {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** File of earlier lines, the newest first. */
  readonly historyFile: string;
  /** Names that the tab key completes. */
  readonly tables: readonly string[];
  /** Those of the tables that no run has read. */
  readonly unread: readonly string[];
  /** Answers a statement. A UsageError is shown, and the prompt goes on. */
  ask(sql: string): Promise<void>;
}

const help =
  'Type SQL, and a semicolon at its end. Also: help; tables lists the tables; exit or Ctrl-D ends; Ctrl-C begins anew; the tab key completes a table.';

/** Runs until the input ends, or `exit`. */
export async function runPrompt({ input, output, historyFile, tables, unread, ask }: Prompt): Promise<void> {
  const lines = createInterface({
    input,
    output,
    prompt,
    historySize,
    removeHistoryDuplicates: true,
    history: readHistory(historyFile),
    completer: (line: string) => completed(line, tables),
  });
  lines.on('history', (history) => writeFileSync(historyFile, history.join('\n'), { mode: 0o600 }));
  let statement = '';
  let isOpen = true;
  lines.on('close', () => {
    isOpen = false;
  });
  const show = (text: string) => {
    lines.setPrompt(text);
    // After the input has ended, lines that were already read are still answered, but without a new prompt.
    if (isOpen) lines.prompt();
  };
  const begin = () => {
    statement = '';
    show(prompt);
  };
  lines.on('SIGINT', () => {
    output.write('\n');
    // Deletes what was typed on both sides of the cursor.
    for (const name of ['u', 'k']) lines.write(null, { ctrl: true, name });
    begin();
  });
  output.write(`${help}\n`);
  begin();
  for await (const line of lines) {
    // With or without a dot before it, as in other prompts.
    const [, command] = (statement === '' && /^\.?(\w+)\s*;?$/.exec(line.trim())) || [];
    if (command === 'exit' || command === 'quit') break;
    const [unknown] = (statement === '' && /^\.\S*/.exec(line)) || [];
    if (command === 'tables') output.write(tableList(tables, unread));
    else if (command === 'help') output.write(`${help}\n`);
    else if (unknown !== undefined)
      output.write(`There is no command ${unknown}. DESCRIBE leads; shows the columns of a table. ${help}\n`);
    else statement += `${line}\n`;
    if (statement.trim() === '') begin();
    else if (/;\s*$/.test(statement)) {
      await ask(statement.trim()).catch((error: unknown) => {
        if (!(error instanceof UsageError)) throw error;
        output.write(`${error.message}\n`);
      });
      begin();
    } else show(continuation);
  }
  lines.close();
}

/** Says which tables no run has read: their zero rows look like those of an empty list. */
function tableList(tables: readonly string[], unread: readonly string[]): string {
  return tables.map((name) => `${name}${unread.includes(name) ? '   (no run has read it)' : ''}\n`).join('');
}

function readHistory(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

function completed(line: string, tables: readonly string[]): [string[], string] {
  const word = /\w*$/.exec(line)?.[0] ?? '';
  return [word === '' ? [] : tables.filter((table) => table.startsWith(word)), word];
}
