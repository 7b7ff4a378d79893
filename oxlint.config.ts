import { defineConfig } from 'oxlint';
import { layers } from './tools/layers.ts';

const maxLines = (max: number): ['error', object] => ['error', { max, skipBlankLines: true, skipComments: true }];

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'vitest', 'oxc'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: [
    'cdk.out/**',
    'templates.out/**',
    '.cache/**',
    '.prospect-lake/**',
    'examples/cdk-app/**',
    'lambdas/contract/api.d.ts',
  ],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'max-lines': maxLines(200),
    'no-console': 'error',
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/prefer-node-protocol': 'error',

    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'import/no-mutable-exports': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-require-imports': 'error',

    'typescript/ban-ts-comment': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-deprecated': 'error',

    'typescript/await-thenable': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/return-await': 'error',
    'typescript/use-unknown-in-catch-callback-variable': 'error',

    'vitest/no-disabled-tests': 'error',
    'vitest/no-focused-tests': 'error',
    // The second argument of vitest's `expect` says which case failed.
    'vitest/valid-expect': ['error', { maxArgs: 2 }],

    // Pages, retries and messages are processed sequentially on purpose.
    'no-await-in-loop': 'off',
    // The pipeline's own columns begin with an underscore.
    'no-underscore-dangle': 'off',
    // Messages go to threads. They have no origin, unlike windows of a browser.
    'unicorn/require-post-message-target-origin': 'off',
    // A construct adds itself to its scope.
    'no-new': 'off',
    'no-shadow': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    // The interfaces of this project are records of functions without `this`.
    'typescript/unbound-method': 'off',
    // CDK's numeric enums, such as days of retention, are checked against a list in lib/config/workspace-fields.ts.
    'typescript/no-unsafe-enum-assignment': 'off',
    // Not needed: no-floating-promises finds promises that nobody awaits.
    'promise/always-return': 'off',
  },
  overrides: [
    ...layers.map(({ files, bans }) => ({
      files,
      rules: { 'no-restricted-imports': ['error', { patterns: bans }] satisfies ['error', object] },
    })),
    {
      files: ['test/**'],
      rules: {
        'max-lines': maxLines(300),
        // Tests inspect JSON that they have just made.
        'typescript/no-base-to-string': 'off',
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
        'typescript/no-unsafe-type-assertion': 'off',
        'typescript/require-array-sort-compare': 'off',
        // Property tests and tables of cases assert in a branch or in a separate function.
        'vitest/expect-expect': 'off',
        'vitest/no-conditional-expect': 'off',
      },
    },
    // The simulator makes its own rows. Their ids are text, although the type of a row is wider.
    { files: ['local/simulator/**'], rules: { 'typescript/no-base-to-string': 'off' } },
    // The libraries that are measured have no types.
    {
      files: ['bench/**'],
      rules: {
        'no-console': 'off',
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
      },
    },
    { files: ['bin/**'], rules: { 'no-console': 'off' } },
    // Plain JavaScript, for versions of Node that cannot parse TypeScript.
    {
      files: ['**/*.js'],
      rules: { 'typescript/no-unsafe-call': 'off', 'typescript/no-unsafe-member-access': 'off' },
    },
    // The tools of these files read the default export.
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
