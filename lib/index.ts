/** What the package `prospect-lake` exports. docs/library.md describes it. */

export { GrantError } from './access/grant-query.ts';
export { allowServices } from './access/key-policy.ts';
export { ConfigError, defineConfig } from './config/config.ts';
export type { WorkspaceConfig } from './config/workspace-config.ts';
export type { WorkspaceInput } from './config/workspace-input.ts';
export { DataStack } from './data-stack.ts';
export { type NotifiedLake, Notices, type NoticesProps } from './notices.ts';
export { PipelineStack } from './pipeline-stack.ts';
export { ProspectLake, type ProspectLakeProps } from './prospect-lake.ts';
