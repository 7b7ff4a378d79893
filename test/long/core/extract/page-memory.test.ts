import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { functions } from '../../../../lib/functions.ts';

const MiB = 2 ** 20;
const memory = functions.extract.memorySize;
/** MiB kept free for other work of the function. */
const reserve = 64;
const outcome = z.object({ rows: z.number(), bytes: z.number(), end: z.string(), peakBytes: z.number() });

/** Reads one page in a process with the function's heap size. */
async function readPage(mebibytes: number, body: string) {
  const row = (index: number) => `{"id":"lead_${index}","updated_at":"2026-11-01T00:00:00Z","full_name":"${body}"}`;
  const rows = Math.floor((mebibytes * MiB) / Buffer.byteLength(`${row(100_000)},`));
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"data":[');
    const send = (from: number): void => {
      const to = Math.min(rows, from + 1_000);
      const part = Array.from({ length: to - from }, (__, index) => row(from + index)).join(',');
      if (to === rows) return void response.end(`${part}],"pagination":{"next_cursor":null,"has_more":false}}`);
      response.write(`${part},`, () => send(to));
    };
    send(0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server has this shape.
  const { port } = server.address() as AddressInfo;
  try {
    // The heap size that Lambda gives a function.
    const heap = `--max-old-space-size=${Math.floor(memory * 0.9)}`;
    const args = [heap, 'test/core/extract/large-page-process.ts', `http://127.0.0.1:${port}/api/public/v1`];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { expected: rows, ...outcome.parse(JSON.parse(stdout)) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a page near the bound of 40 MiB', () => {
  it.each([
    ['ASCII', 'x'.repeat(500)],
    ['a character of three bytes in each row, so that all of it takes two bytes a character', `${'x'.repeat(500)}日`],
  ])('fits into the function that reads it: %s', { timeout: 60_000 }, async (_, body) => {
    const { rows, expected, end, peakBytes } = await readPage(39.9, body);
    expect([rows, end]).toEqual([expected, 'full']);
    expect(Math.round(peakBytes / MiB)).toBeLessThan(memory - reserve);
  });
});
