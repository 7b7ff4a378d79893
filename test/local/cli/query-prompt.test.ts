import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPrompt } from '../../../local/cli/query-prompt.ts';
import { UsageError } from '../../../local/cli/usage-error.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prompt-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Yields line after line, as somebody types them. */
async function* slowly(lines: string): AsyncGenerator<string> {
  for (const line of lines.split(/(?<=\n)/)) {
    yield line;
    await setImmediate();
  }
}

/** @returns the statements that were asked, and what the person saw */
async function type(lines: string, isTerminal = false): Promise<{ asked: string[]; seen: string }> {
  const asked: string[] = [];
  const output = Object.assign(new PassThrough(), isTerminal ? { isTTY: true, columns: 80 } : {});
  let seen = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
  });
  await runPrompt({
    input: Readable.from(slowly(lines)),
    output,
    historyFile: join(folder, 'history'),
    tables: ['leads', 'lead_messages', 'jobs'],
    unread: ['jobs'],
    ask: async (sql) => {
      asked.push(sql);
      if (sql.includes('nothing')) throw new UsageError('DuckDB says: there is no such table');
    },
  });
  return { asked, seen };
}

describe('the prompt', () => {
  it('takes a statement of several lines, and several statements one after the other', async () => {
    const { asked, seen } = await type('SELECT 1;\nSELECT id,\n  name\nFROM leads; \n');
    expect(asked).toEqual(['SELECT 1;', 'SELECT id,\n  name\nFROM leads;']);
    expect(seen).toContain('lake> ');
    expect(seen).toContain('  ...> ');
  });

  it('shows an error and goes on', async () => {
    const { asked, seen } = await type('SELECT * FROM nothing;\nSELECT 1;\n');
    expect(asked).toHaveLength(2);
    expect(seen).toContain('DuckDB says: there is no such table\n');
  });

  it.each(['.', ''])('lists the tables, explains itself, and ends with %sexit', async (dot) => {
    const { asked, seen } = await type(`${dot}tables\n\n${dot}help\n${dot}exit\nSELECT 1;\n`);
    expect(asked).toEqual([]);
    expect(seen).toContain('leads\nlead_messages\njobs   (no run has read it)\n');
    expect(seen.match(/Type SQL, and a semicolon/g)).toHaveLength(2);
  });

  it.each(['.schema leads', '.foo'])('says that there is no command %s, and how to see columns', async (line) => {
    const { asked, seen } = await type(`${line}\n`);
    expect(asked).toEqual([]);
    const [name] = line.split(' ');
    expect(seen).toContain(`There is no command ${name}. DESCRIBE leads; shows the columns of a table. Type SQL,`);
  });

  it('forgets at Ctrl-C what was typed', async () => {
    const { asked } = await type('SELECT 1,\nSELECT 2\x1b[D\x1b[D\x03SELECT 3;\n', true);
    expect(asked).toEqual(['SELECT 3;']);
  });

  it('keeps what was typed for the next time', async () => {
    await type('SELECT 1;\n', true);
    await type('SELECT 2;\n', true);
    expect(await readFile(join(folder, 'history'), 'utf8')).toBe('SELECT 2;\nSELECT 1;');
  });
});
