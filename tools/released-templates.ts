/**
 * Compares the last released template of the stack that holds data with a later template, and finds what an update
 * would destroy in a customer's account. `npm run release-templates` stores the template of a release. Run it as a step
 * of a release, never to make a test pass.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { z } from 'zod';
import { prospectLakeApp } from '../lib/app.ts';

const file = fileURLToPath(new URL('../test/lib/released/data.template.json', import.meta.url));
const template = z.looseObject({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });
export type Template = z.infer<typeof template>;

/** Types of resources whose content cannot be recreated, or whose fixed name a replacement could not take. */
const statefulTypes: ReadonlySet<string> = new Set([
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Athena::WorkGroup',
  'AWS::Logs::LogGroup',
]);

const losses: Partial<Record<ResourceImpact, string>> = {
  [ResourceImpact.WILL_REPLACE]: 'would be replaced by an empty one',
  [ResourceImpact.MAY_REPLACE]: 'may be replaced by an empty one',
  [ResourceImpact.WILL_DESTROY]: 'would be deleted',
  [ResourceImpact.WILL_ORPHAN]: 'would be left behind, and known to no stack',
};

/** What an update would destroy in a deployed stack: one sentence per resource, with its logical id. */
export function lossesBy(deployed: Template, update: Template): string[] {
  const { changes } = fullDiff(deployed, update).resources;
  return Object.entries(changes).flatMap(([id, { changeImpact, oldResourceType = '' }]) => {
    const loss = losses[changeImpact];
    return loss && statefulTypes.has(oldResourceType) ? [`${id} (${oldResourceType}) ${loss}.`] : [];
  });
}

export function releasedTemplate(): Template {
  return template.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The templates of a workspace with default options, independent of account and machine. */
export function currentTemplates(): { data: Template; pipeline: Template } {
  const outdir = mkdtempSync(join(tmpdir(), 'templates-'));
  try {
    const { stacksRecursively } = prospectLakeApp([{ name: 'main' }], {
      outdir,
      bundled: false,
    }).synth();
    const named = (end: string) =>
      template.parse(stacksRecursively.find(({ stackName }) => stackName.endsWith(end))?.template);
    return { data: named('-Data'), pipeline: named('-Pipeline') };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

if (import.meta.main) writeFileSync(file, `${JSON.stringify(currentTemplates().data, null, 1)}\n`);
