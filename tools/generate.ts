import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { costSection } from '../cost/section.ts';
import { command, runCommand } from '../local/cli/run-command.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { answersTable } from './api-answers.ts';
import { apiTypes } from './api-types/generate.ts';
import { configurationPage } from './configuration-page.ts';
import { dataDictionary } from './data-dictionary.ts';
import { dbtFiles } from './dbt-package.ts';
import { licencesPage, packagesIn } from './licences.ts';
import { pagePackages, pageTemplate } from './page-template.ts';
import { queriesPage } from './queries-page.ts';
import { runbookAdvice } from './runbook-advice.ts';
import { scopesTable } from './scopes.ts';
import { workspaceInput } from './workspace-input.ts';

/** Generators of files, by path. A generator gets the present text of its file and returns the new one. */
const files: Readonly<Record<string, (now: string) => string | Promise<string>>> = {
  'docs/data-dictionary.md': dataDictionary,
  'docs/queries.md': queriesPage,
  'docs/configuration.md': configurationPage,
  'docs/deploy.md': (page) => between(page, 'scopes', scopesTable()),
  'docs/api-answers.md': (page) => between(page, 'answers', answersTable()),
  'docs/cost.md': (page) => between(page, 'cost', costSection()),
  'docs/licences.md': async () => licencesPage(packagesIn(textOf('package-lock.json'), await pagePackages())),
  'lambdas/contract/api.d.ts': apiTypes,
  'lib/config/workspace-input.ts': workspaceInput,
  'lambdas/core/page/runbook.json': () => runbookAdvice(textOf('docs/runbook.md')),
  'lambdas/adapters/page.html': pageTemplate,
  ...dbtFiles,
};

/** Puts a text between the two markers with this name. @throws UsageError if the markers are missing from the page */
export function between(page: string, name: string, text: string): string {
  const [from, to] = [`<!-- ${name}: written by npm run generate -->\n`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new UsageError(`The page has lost its marks '${from.trim()}' and '${to}'.`, 1);
  return `${page.slice(0, start)}${from}${text}${page.slice(end)}`;
}

const urlOf = (file: string) => new URL(`../${file}`, import.meta.url);
const textOf = (file: string) => readFileSync(urlOf(file), 'utf8');

export const generate = command({
  command: 'npm run generate',
  summary:
    'Writes the files that follow from others: pages of the docs, and the types of the API and of the configuration.',
  flags: { check: { help: 'write nothing, and fail if one of them is stale' } },
  input: z.strictObject({ check: z.boolean().default(false) }),
  async run({ check }) {
    const stale = await changed(files);
    for (const [file, text] of stale) {
      if (check) process.stderr.write(`${file} is stale. Run: npm run generate\n`);
      else {
        writeFileSync(urlOf(file), text);
        process.stdout.write(`${file} is written.\n`);
      }
    }
    if (stale.size === 0) process.stdout.write('Every generated file is as it should be.\n');
    return check && stale.size > 0 ? 1 : 0;
  },
});

/**
 * The new texts of the files that are not as they should be. All are made before one is written, so that an error leaves
 * every file as it was.
 * @throws UsageError that names the file which cannot be made
 */
export async function changed(generators: typeof files): Promise<Map<string, string>> {
  const stale = new Map<string, string>();
  for (const [file, write] of Object.entries(generators)) {
    const now = existsSync(urlOf(file)) ? textOf(file) : '';
    try {
      const text = await write(now);
      if (text !== now) stale.set(file, text);
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(`${file} cannot be made. ${error.message}`, 1) : error;
    }
  }
  return stale;
}

if (import.meta.main) await runCommand(generate);
