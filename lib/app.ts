import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ProspectLake } from './prospect-lake.ts';
import type { WorkspaceInput } from './workspace-config.ts';

/** The app of these workspaces, checked by cdk-nag when it is synthesized. */
export function prospectLakeApp(workspaces: readonly WorkspaceInput[], props: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, ...props });
  for (const config of workspaces) new ProspectLake(app, config.name, { config });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
