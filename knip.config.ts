import type { KnipConfig } from 'knip';
import { functions } from './lib/functions.ts';

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: [
        // lib/bundling.ts bundles these files by path.
        ...Object.values(functions).map(({ entry }) => entry),
        // local/run/bundled-functions.ts bundles this file with them.
        'lambdas/handlers/common-code.ts',
        // tools/page-template.ts bundles this file.
        'page/main.ts',
        // cdk.json and the npm scripts start these.
        'bin/*.{js,ts}',
        // What the package exports, and what tsconfig.package.json compiles by path.
        'lib/index.ts',
        'local/cloud/lambda/{runtime,shared-runtime}.ts',
        // local/run/bundled-functions.ts bundles these in place of the AWS SDK.
        'local/cloud/direct-sdk/client-*.ts',
        // A configuration to copy; test/long/package.test.ts runs it.
        'examples/two-workspaces.config.ts',
        // tools/check.ts starts this file.
        'tools/synth.ts',
        // .ci/run starts this file.
        'tools/count-tests.ts',
        // test/engines/main.ts starts these.
        'test/engines/vitest.config.ts',
        'test/engines/year.ts',
        // test/page/main.ts starts this.
        'test/page/vitest.config.ts',
        // Started by path, as separate processes.
        'test/**/*-process.ts',
      ],
      project: ['**/*.{js,ts}', '!examples/cdk-app/**', '!dist/**'],
    },
  },
  // A test of the doctor makes certificates with it.
  ignoreBinaries: ['openssl'],
  // Code that uses a type must be able to name the type's parts.
  ignoreExportsUsedInFile: { interface: true, type: true },
};
export default config;
