import type { KnipConfig } from 'knip';
import { functions } from './lib/functions.ts';

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: [
        // Named by path where they are bundled.
        ...Object.values(functions).map(({ entry }) => entry),
        // Named by cdk.json and the scripts, after the guard of the Node version.
        'bin/*.{js,ts}',
        // Named by .ci/run.
        'tools/count-tests.ts',
        // Named by test/engines/main.ts.
        'test/engines/vitest.config.ts',
        'test/engines/year.ts',
        // Started by path, as processes of their own.
        'test/**/*-process.ts',
      ],
      project: ['**/*.{js,ts}', '!examples/cdk-app/**'],
    },
  },
  // Whoever takes a type has to be able to name its parts.
  ignoreExportsUsedInFile: { interface: true, type: true },
};
export default config;
