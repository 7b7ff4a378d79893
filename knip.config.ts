import type { KnipConfig } from 'knip';
import { functions } from './lib/functions.ts';

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: [
        // The bundling names these by path.
        ...Object.values(functions).map(({ entry }) => entry),
        // cdk.json and the scripts name these, after the guard of the Node version.
        'bin/*.{js,ts}',
        // .ci/run names it.
        'tools/count-tests.ts',
        // test/engines/main.ts names these.
        'test/engines/vitest.config.ts',
        'test/engines/year.ts',
        // Started by path, as separate processes.
        'test/**/*-process.ts',
      ],
      project: ['**/*.{js,ts}', '!examples/cdk-app/**'],
    },
  },
  // Code that uses a type must be able to name the type's parts.
  ignoreExportsUsedInFile: { interface: true, type: true },
};
export default config;
