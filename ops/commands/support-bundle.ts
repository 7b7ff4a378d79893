import { type FileHandle, open, unlink } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { UsageError } from '../../local/cli/usage-error.ts';
import { bundleNotes, collectBundle } from '../bundle/collect.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { readCommand } from '../command.ts';

export const supportBundle = readCommand({
  ...opsCommandNamed('support-bundle'),
  flags: { 'out-file': { value: '<path>', help: 'file to write, such as bundle.json.gz' } },
  input: z.strictObject({
    outFile: z.string('--out-file wants a path').regex(/\.json\.gz$/, '--out-file wants a path that ends in .json.gz'),
  }),
  async read(target, { outFile: path }) {
    const file = await create(path);
    try {
      const bundle = await collectBundle(target);
      const body = gzipSync(JSON.stringify(bundle, null, 1));
      await file.writeFile(body);
      const [bytes, runs, unreadable] = [body.byteLength, bundle.runs.length, bundle.unreadable];
      return {
        lines: [
          `${path}: ${bytes.toLocaleString('en-US')} bytes, ${runs} runs.`,
          ...unreadable.map((key) => `${key} cannot be read, and is left out. audit says what to do.`),
          ...bundleNotes,
        ],
        data: { path, bytes, runs, unreadable },
      };
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
  },
});

/** Creates a file that only its owner can read. Never overwrites a file. */
async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(
      code === 'EEXIST' ? `${path} is there already; name another file.` : `${path} cannot be written: ${code}.`,
    );
  }
}
