import { Annotations, App } from 'aws-cdk-lib';
import { keyPolicyWarning } from './access/key-policy.ts';
import { defineConfig } from './config/config.ts';
import { featureFlags } from './feature-flags.ts';
import { ProspectLake, programContext } from './prospect-lake.ts';
import type { WorkspaceInput } from './config/workspace-input.ts';

export interface ProspectLakeAppOptions {
  /** Folder for the templates and bundles. @default the CDK CLI's folder, or a temporary one */
  readonly outdir?: string;
  /** False: the templates are complete, but the functions are not bundled. @default true */
  readonly bundled?: boolean;
  /** Adds rules that the templates have to pass. Checking takes longer than making the templates. @default none */
  readonly addRules?: (app: App) => void;
}

/**
 * The app for these workspaces, the same with and without the CDK CLI. `.synth()` writes it to a folder.
 * @throws ConfigError
 */
export function prospectLakeApp(workspaces: readonly WorkspaceInput[], options: ProspectLakeAppOptions = {}): App {
  const { outdir, bundled = true, addRules } = options;
  const app = new App({
    analyticsReporting: false,
    ...(outdir ? { outdir } : {}),
    context: {
      ...context(),
      ...(bundled ? {} : { 'aws:cdk:bundling-stacks': [] }),
      ...(addRules ? {} : { '@aws-cdk/core:validateAgainstDefaultRules': false }),
    },
  });
  for (const config of defineConfig(workspaces)) new ProspectLake(app, config.name, { config });
  // In this app the key is never new, and the doctor reads its policy before a deployment.
  Annotations.of(app).acknowledgeWarning(keyPolicyWarning);
  addRules?.(app);
  return app;
}

function context(): Record<string, unknown> {
  return {
    ...featureFlags(),
    [programContext]: true,
    // The CDK CLI turns these two on, so an app without it has to do so too. They map a resource to its construct and
    // bundle.
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
    // Traces contain paths of this machine. The same sources must give the same output in any folder.
    'aws:cdk:disable-stack-trace': true,
    'aws:cdk:disable-creation-stack-traces': true,
  };
}
