import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Writes a generated file; with `--check` among the arguments only says whether it is fresh.
 * @returns the exit status: 1 where it is stale or missing
 */
export function writeGenerated(target: string, content: string, args: readonly string[]): number {
  if (!args.includes('--check')) {
    writeFileSync(target, content);
    return 0;
  }
  if (readExisting(target) === content) return 0;
  process.stderr.write(`${relative(process.cwd(), target)} is stale. Run: npm run generate\n`);
  return 1;
}

function readExisting(target: string): string | undefined {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}
