import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { z } from 'zod';
import { prospectLakeApp } from '../lib/app.ts';

/**
 * The template of the stack that holds data as it was last released, and what a later one would do to what
 * stands in a customer's account. `npm run release-templates` writes it, as a step of a release and never to
 * make a test pass.
 */

const file = fileURLToPath(new URL('../test/lib/released/data.template.json', import.meta.url));
const template = z.looseObject({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });
export type Template = z.infer<typeof template>;

/** What holds something that cannot be made anew, or has a fixed name that a second one could not take. */
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

/** What of a deployed stack would be lost by an update: a sentence for each resource, with its logical id. */
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

/** The templates of a workspace with no choice made, of no account and no machine. */
export function currentTemplates(): { data: Template; pipeline: Template } {
  const outdir = mkdtempSync(join(tmpdir(), 'templates-'));
  try {
    const { stacksRecursively } = prospectLakeApp([{ name: 'main' }], {
      outdir,
      bundled: false,
      validated: false,
    }).synth();
    const named = (end: string) =>
      template.parse(stacksRecursively.find(({ stackName }) => stackName.endsWith(end))?.template);
    return { data: named('-Data'), pipeline: named('-Pipeline') };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

if (import.meta.main) writeFileSync(file, `${JSON.stringify(currentTemplates().data, null, 1)}\n`);
