import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { z } from 'zod';
import { defineConfig } from './config/config.ts';
import { ProspectLake } from './prospect-lake.ts';
import type { WorkspaceInput } from './config/workspace-config.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

export interface ProspectLakeAppOptions {
  /** Folder for the templates and bundles. @default that of the CDK CLI, or a temporary one */
  readonly outdir?: string;
  /** Without it the templates are whole, but the functions are not built. @default true */
  readonly bundled?: boolean;
  /** Without it no rule is held against the templates, which takes longer than to make them. @default true */
  readonly validated?: boolean;
}

/**
 * The app of these workspaces, the same under the CDK CLI and without it: `.synth()` writes it to a folder.
 * Its templates are checked by cdk-nag, and a finding that is not acknowledged fails the synthesis.
 * @throws ConfigError
 */
export function prospectLakeApp(workspaces: readonly WorkspaceInput[], options: ProspectLakeAppOptions = {}): App {
  const { outdir, bundled = true, validated = true } = options;
  const app = new App({
    analyticsReporting: false,
    ...(outdir ? { outdir } : {}),
    context: {
      ...featureFlags(),
      ...(bundled ? {} : { 'aws:cdk:bundling-stacks': [] }),
      ...(validated ? {} : { '@aws-cdk/core:validateAgainstDefaultRules': false }),
    },
  });
  for (const config of defineConfig(workspaces)) new ProspectLake(app, config.name, { config });
  if (validated) Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return app;
}

/** What the CLI would pass on from cdk.json: without its flags the same app gives other templates. */
function featureFlags(): Record<string, unknown> {
  const file = join(resolve(import.meta.dirname, '..'), 'cdk.json');
  return {
    ...cdkJson.parse(JSON.parse(readFileSync(file, 'utf8'))).context,
    // The CLI turns these on as well: by them a resource is known by its construct, and a function's bundle is found.
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
    // Traces hold the paths of this machine, and the same sources give the same output in any folder.
    'aws:cdk:disable-stack-trace': true,
    'aws:cdk:disable-creation-stack-traces': true,
  };
}
