/**
 * Generates docs/licences.md from the lock file. The lock file names the packages of every platform; node_modules, and
 * so license-checker, has only those of this machine. A licence that is not allowed here is an error.
 */

import { z } from 'zod';

/** Licences allowed for packages that end up in the customer's account or in its templates. */
const allowed = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];
/** Licences allowed for packages that only build and test, because these are not distributed. */
const allowedForTools = [...allowed, 'CC0-1.0', 'MPL-2.0', 'Python-2.0', 'Unlicense'];

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

export interface Package {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; undefined if the package names no licence. */
  readonly licence: string | undefined;
  readonly isTool: boolean;
}

const modules = 'node_modules/';

/**
 * Every package in the lock file except the project itself.
 * @param builtIn names of tools whose code is part of what is distributed
 */
export function packagesIn(lockText: string, builtIn: readonly string[] = []): Package[] {
  const { packages } = lockFile.parse(JSON.parse(lockText));
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes(modules) && !link)
    .map(([path, { version = '', license, dev, devOptional }]) => ({
      name: nameOf(path),
      version,
      licence: license,
      isTool: (dev === true || devOptional === true) && !builtIn.includes(nameOf(path)),
    }));
}

const nameOf = (path: string) => path.slice(path.lastIndexOf(modules) + modules.length);

/** One line for each package whose licence is not allowed for its use. */
export function refusals(packages: readonly Package[]): string[] {
  return packages
    .filter(({ licence, isTool }) => !isAllowed(licence ?? '', isTool ? allowedForTools : allowed))
    .map(({ name, version, licence = 'no licence' }) => `${name}@${version}: ${licence}`);
}

/**
 * Whether the list allows an SPDX expression: `A OR B` needs one of the two, `A AND B` needs both. An expression with
 * inner parentheses is refused.
 */
function isAllowed(expression: string, list: readonly string[]): boolean {
  const alternatives = expression.replace(/^\(([^()]*)\)$/, '$1').split(' OR ');
  return alternatives.some((one) => one.split(' AND ').every((licence) => list.includes(licence)));
}

/** The text of docs/licences.md. @throws Error that names the packages whose licence is not allowed */
export function licencesPage(packages: readonly Package[]): string {
  const refused = refusals(packages);
  if (refused.length > 0) throw new Error(`Not allowed, see tools/licences.ts: ${refused.join('; ')}`);
  const used = packages.filter(({ isTool }) => !isTool);
  const byLicence = Map.groupBy(used, ({ licence }) => licence ?? 'none');
  const rows = [...byLicence]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, ones]) => {
      const names = [...new Set(ones.map(({ name }) => name))].toSorted();
      return `| ${licence} | ${names.join(', ')} |`;
    });
  return `<!-- Written by tools/licences.ts from package-lock.json. Run: npm run generate -->

# Licences

What the functions, the templates and the page of a run are made of, by licence. \`npm run check -- --only generated\` fails where a package, one that only builds or tests included, comes under a licence that \`tools/licences.ts\` does not allow.

| licence | packages |
|---|---|
${rows.join('\n')}
`;
}
