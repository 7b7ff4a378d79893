import { z } from 'zod';
import { prospectLakeApp } from '../lib/app.ts';
import { functions } from '../lib/functions.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { countFixed, type FixedResources } from './fixed-usage.ts';
import type { Settings } from './phase-usage.ts';

const variables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });

/** The templates of a workspace, as they are deployed, without building its functions. */
export function templatesOf(config: WorkspaceConfig): { fixed: FixedResources; settings: Settings } {
  const assembly = prospectLakeApp([config], { bundled: false }).synth();
  const templates = assembly.stacksRecursively.map(({ template }): unknown => template);
  return {
    fixed: countFixed(templates),
    settings: {
      memory: Object.fromEntries(Object.entries(functions).map(([name, { memorySize }]) => [name, memorySize])),
      requestsPerMinute: config.requestsPerMinute,
      concurrency: config.concurrency,
      publishCheckSeconds: publishCheckSeconds(templates),
      hasOwnKey: config.kmsKeyArn !== undefined,
    },
  };
}

const resources = z.object({ Resources: z.record(z.string(), z.object({ Properties: z.unknown().optional() })) });

/** Set by the stack and not by the configuration, so it is read from there. */
function publishCheckSeconds(templates: readonly unknown[]): number {
  for (const template of templates) {
    for (const { Properties } of Object.values(resources.parse(template).Resources)) {
      const found = variables.safeParse(Properties);
      const value = found.success ? found.data.Environment.Variables['PUBLISH_CHECK_SECONDS'] : undefined;
      if (typeof value === 'string') return Number(value);
    }
  }
  throw new Error(
    'No function of the templates has PUBLISH_CHECK_SECONDS: cost/deployment.ts wants it by another name.',
  );
}
