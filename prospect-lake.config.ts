import { defineConfig } from './lib/config.ts';

/** The workspaces to deploy, each in stacks of its own. Every field and its default: lib/config.ts. */
export const workspaces = defineConfig([{ name: 'main' }]);
