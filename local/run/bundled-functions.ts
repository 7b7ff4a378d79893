import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleOptions } from '../../lib/bundling.ts';
import { copyFilesBeside } from '../../lib/files-beside.ts';
import { functions } from '../../lib/functions.ts';
import { commonCode } from '../cloud/lambda/shared-messages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The functions as bundled by this file for the installed package, which does not have their sources. */
const prebuilt = join(root, 'shared-functions');

/** The clients of the AWS SDK that direct-sdk/client.ts replaces. */
export const directSdk = Object.fromEntries(
  ['client-eventbridge', 'client-glue', 'client-s3', 'client-secrets-manager', 'client-sqs'].map((name) => [
    `@aws-sdk/${name}`,
    join(root, 'local/cloud/direct-sdk', `${name}.ts`),
  ]),
);

/** Bundles all functions together, so that a thread that runs several of them loads their common code once. */
export async function bundleFunctions(folder: string): Promise<void> {
  if (existsSync(prebuilt)) return cp(prebuilt, folder, { recursive: true });
  // Imported only when needed: the installed package does not depend on esbuild.
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(Object.entries(functions).map(([name, { entry }]) => [name, entry])),
      [commonCode]: 'lambdas/handlers/common-code.ts',
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    ...moduleOptions,
    alias: directSdk,
  });
  copyFilesBeside(metafile.inputs, root, folder);
}
