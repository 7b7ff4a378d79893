/**
 * Which folder may import what. oxlint.config.ts makes a lint rule of each entry of `layers`. For each rule,
 * test/tools/layers.test.ts writes a file that violates the rule, and checks that oxlint refuses it.
 */

interface Ban {
  /** gitignore patterns for the path as written in the import; `!` makes an exception. */
  group?: string[];
  /** Rust regular expression for the path as written in the import. */
  regex?: string;
  /** The reason, for the person who violates the rule. */
  message: string;
}

export interface Layer {
  files: string[];
  bans: Ban[];
}

/** Regular expression for a path that leaves its own folder and enters one of `folders`. */
const into = (...folders: string[]) => `^(\\.\\./)+(${folders.join('|')})/`;
const allBut = (...allowed: string[]) => ['**', ...allowed.map((path) => `!${path}`)];

/** Refuses paths such as `./a/../b`: the rules match the text of a path, so there must be only one way to write it. */
const detour: Ban = {
  regex: '^\\./.*\\.\\./|[^./]/\\.\\./|^/|^file:',
  message: 'Write the path without a detour: the layers are told apart by how a path begins.',
};

const deployed: Ban = {
  regex: into('lib', 'bin', 'local', 'ops', 'test', 'bench', 'cost', 'tools', 'doctor', 'mcp', 'program'),
  message:
    'lambdas is what deploys: it imports neither the infrastructure nor the local run, operations, tests, benchmarks or tools.',
};

const onlyTests: Ban = { regex: into('test'), message: 'Only tests import tests.' };

const notShipped: Ban = {
  regex: into('test', 'local', 'ops', 'bench', 'cost', 'tools', 'doctor', 'mcp', 'program'),
  message: 'What a customer deploys imports nothing that is not part of it: local, ops, test, bench, tools.',
};

/** The folders of `lambdas/core` that are steps of the pipeline. */
export const steps = [
  'plan',
  'extract',
  'convert',
  'publish',
  'webhooks',
  'exports',
  'replay',
  'watch',
  'rewrite',
] as const;

/** Rules for every file of core. */
const core: Ban[] = [
  deployed,
  {
    regex: into('adapters', 'handlers', 'streams'),
    message:
      'core is pure: it is given ports and the declaration of a stream, and knows neither the registry nor who calls it.',
  },
  {
    group: allBut(
      './**',
      '../**',
      'zod',
      'csv-parse',
      'hyparquet',
      'hyparquet/src/*.js',
      'hyparquet-writer',
      'hyparquet-writer/src/*.js',
      'xxhash-wasm',
      'node:buffer',
      'node:crypto',
      'node:readline',
      'node:stream',
      'node:zlib',
      'node:util',
    ),
    message:
      'core knows no SDK and no I/O: what it needs of the outside is a port in core/ports.ts. A package that only computes can be allowed in tools/layers.ts.',
  },
];

/** Rules for every file of local. */
const local: Ban[] = [
  onlyTests,
  {
    regex: into('bench', 'cost', 'tools', 'doctor', 'mcp', 'program'),
    message: 'npm start needs neither benchmarks nor tools.',
  },
  {
    regex: into('lambdas/handlers', 'lambdas/adapters'),
    message: 'The local run starts the functions from their bundles, as they deploy.',
  },
];

/** The layers. If several entries match a file, only the last of them applies. */
export const layers: readonly Layer[] = [
  { files: ['lambdas/**'], bans: [deployed] },
  {
    files: ['lambdas/contract/**'],
    bans: [
      deployed,
      {
        group: allBut('./**', 'zod'),
        message: 'contract is what all the others agree on: it imports nothing but itself and zod.',
      },
    ],
  },
  {
    files: ['lambdas/streams/**'],
    bans: [
      deployed,
      {
        group: allBut('./**', '../contract/**'),
        message: 'The registry is data: it imports the contract and nothing else.',
      },
    ],
  },
  { files: ['lambdas/core/**'], bans: core },
  ...steps.map((step) => ({
    files: [`lambdas/core/${step}/**`],
    bans: [
      // This ban must come first: once a ban's `group` allows a path, oxlint ignores later bans.
      {
        regex: into(...steps.filter((other) => other !== step)),
        message: 'A step imports no other step: what two of them need stands in runs, rows, store, api or current.',
      },
      ...core,
    ],
  })),
  {
    files: ['runs', 'rows', 'store', 'api', 'iceberg', 'current', 'page'].map((folder) => `lambdas/core/${folder}/**`),
    bans: [{ regex: into(...steps), message: 'What the steps share knows none of them.' }, ...core],
  },
  {
    files: ['lambdas/adapters/**'],
    bans: [
      deployed,
      {
        regex: into('handlers', 'streams'),
        message: 'An adapter implements a port over one protocol: it knows neither handlers nor the registry.',
      },
    ],
  },
  {
    files: ['bin/**', 'lib/**', '*.config.ts'],
    bans: [
      {
        group: ['**/lambdas/**', '!**/lambdas/contract/**', '!**/lambdas/streams/**'],
        message: 'The infrastructure imports the contract and the registry, and names handlers by their path.',
      },
      notShipped,
    ],
  },
  {
    files: ['page/**'],
    bans: [
      {
        group: allBut('./**', '../lambdas/core/page/page-data.ts', '@observablehq/plot'),
        message: 'page is built into the file that a run writes: it imports the type of its data, and what draws it.',
      },
    ],
  },
  // Only developers run the lint, so its config may import tools/layers.ts.
  { files: ['oxlint.config.ts'], bans: [] },
  { files: ['local/**'], bans: local },
  {
    files: ['local/simulator/**', 'local/faults/**'],
    bans: [
      {
        regex: into('lambdas/core'),
        message: 'The simulated API, and its oracle, share nothing with the pipeline that is held against them.',
      },
      ...local,
    ],
  },
  {
    files: ['ops/**'],
    bans: [
      onlyTests,
      {
        regex: into('lambdas/handlers', 'lib', 'program', 'bench', 'tools'),
        message:
          'ops works on what is deployed, over its outputs: it needs neither the handlers nor the infrastructure.',
      },
    ],
  },
  {
    files: ['doctor/**'],
    bans: [
      onlyTests,
      {
        regex: into('lambdas/handlers', 'ops', 'program', 'bench'),
        message:
          'The doctor looks at what is there before anything is deployed: it needs neither the handlers nor ops.',
      },
    ],
  },
  {
    files: ['mcp/**'],
    bans: [
      onlyTests,
      {
        regex: into('lambdas/handlers', 'lib', 'bench', 'cost', 'tools', 'doctor'),
        message: 'The MCP server reads what is there: it needs neither the handlers nor the infrastructure.',
      },
    ],
  },
  { files: ['bench/**', 'cost/**', 'program/**', 'tools/**'], bans: [onlyTests] },
].map(({ files, bans }) => ({ files, bans: [detour, ...bans] }));
