import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** `commit` is that of which the package was made: tools/package.ts. A checkout has none. */
const packageFile = z.object({ version: z.string(), commit: z.string().optional() });
const read = () => packageFile.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

/** The version of Prospect Lake, as its package.json has it. */
export const programVersion = (): string => read().version;

/** The version and, in a package, the commit, which tells two packages of one version apart. */
export function versionText(): string {
  const { version, commit } = read();
  return commit === undefined ? version : `${version} (commit ${commit})`;
}
