import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { invalid, Problem } from './problem.ts';

const maxBodyBytes = 20 * 1024 * 1024;

/** Reads the body of a request. @throws Problem 413 if the body is too large */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = z.instanceof(Buffer).parse(chunk);
    size += bytes.length;
    if (size > maxBodyBytes) throw new Problem(413, 'too_large', 'The body is larger than the simulator takes.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Parses a request's JSON.
 * @returns undefined if the text is empty
 * @throws Problem 400 if the text is not JSON
 */
export function parsedJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is not JSON.');
  }
}
