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
  /** Folder for the templates and bundles. @default the CDK CLI's folder, or a temporary one */
  readonly outdir?: string;
  /** False: the templates are complete, but the functions are not bundled. @default true */
  readonly bundled?: boolean;
  /** False: no rules are checked. Checking takes longer than making the templates. @default true */
  readonly validated?: boolean;
}

/**
 * The app for these workspaces, the same with and without the CDK CLI. `.synth()` writes it to a folder. cdk-nag checks
 * its templates; a finding that is not acknowledged fails the synthesis.
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

/** The feature flags, which the CLI would read from cdk.json. Without them the same app gives other templates. */
function featureFlags(): Record<string, unknown> {
  const file = join(resolve(import.meta.dirname, '..'), 'cdk.json');
  return {
    ...cdkJson.parse(JSON.parse(readFileSync(file, 'utf8'))).context,
    // The CLI turns these two on as well. They map a resource to its construct, and a function to its bundle.
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
    // Traces contain paths of this machine. The same sources must give the same output in any folder.
    'aws:cdk:disable-stack-trace': true,
    'aws:cdk:disable-creation-stack-traces': true,
  };
}
