/** `prospect-lake mcp`: a read-only MCP server over standard input and output. */

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
import { createS3Store } from '../lambdas/adapters/s3-store.ts';
import type { CustomColumns } from '../lambdas/contract/custom-columns.ts';
import { chosenConfig } from '../local/cli/chosen-workspace.ts';
import { programCommand } from '../local/cli/command-names.ts';
import { path, wholeNumber } from '../local/cli/flag-values.ts';
import { command } from '../local/cli/run-command.ts';
import { defaultOut } from '../local/cli/out-flag.ts';
import { configuredColumns } from '../local/run/folder-source.ts';
import { folderWarehouse, requireTables } from '../local/run/lake.ts';
import { readDeployment } from '../ops/adapters/deployment.ts';
import { droppedColumns } from './dropped-columns.ts';
import { type ExposedTable, exposedTables } from './exposed-tables.ts';
import { bucketSource, folderSource, type LakeSource } from './lake-source.ts';
import { MaskedCopy } from './masked-copy.ts';
import { createServer } from './server.ts';

const input = z.strictObject({
  out: path('--out').default(defaultOut),
  deployed: z.boolean().default(false),
  workspace: z.string().optional(),
  withPersonalData: z.boolean().default(false),
  rows: wholeNumber('--rows', { least: 1, most: 10_000 }).default(200),
  kilobytes: wholeNumber('--kilobytes', { least: 1, most: 10_000 }).default(100),
  seconds: wholeNumber('--seconds', { least: 1, most: 600 }).default(30),
});

export const mcp = command({
  ...programCommand('mcp'),
  flags: {
    out: { value: '<dir>', help: `folder of a local run; default: ${defaultOut}` },
    deployed: { help: 'serve the deployed workspace instead of a local run' },
    workspace: { value: '<name>', help: 'with --deployed: workspace of the configuration' },
    'with-personal-data': { help: 'do not mask names, addresses and texts' },
    rows: { value: '<n>', help: 'most rows of an answer; default: 200' },
    kilobytes: { value: '<n>', help: 'most kB of an answer; default: 100' },
    seconds: { value: '<n>', help: 'most seconds that a query may take; default: 30' },
  },
  input,
  run,
});

async function run(flags: z.infer<typeof input>): Promise<number> {
  const { source, tables } = flags.deployed ? await deployedLake(flags.workspace) : await localLake(flags.out);
  const isMasking = !flags.withPersonalData;
  const copy = await MaskedCopy.create(source, tables, isMasking);
  try {
    const limits = { rows: flags.rows, bytes: flags.kilobytes * 1_000, seconds: flags.seconds };
    const server = createServer({ source, tables, copy, isMasking, limits, clock: { now: () => new Date() } });
    const ended = endOfInput();
    await server.connect(new StdioServerTransport());
    process.stderr.write('The MCP server is ready. It speaks JSON-RPC over standard input and output.\n');
    await ended;
    await server.close();
  } finally {
    await copy.remove();
  }
  return 0;
}

interface ServedLake {
  readonly source: LakeSource;
  readonly tables: readonly ExposedTable[];
}

async function localLake(out: string): Promise<ServedLake> {
  requireTables(out);
  return servedLake(folderSource(out, await folderWarehouse(out)), await configuredColumns(out));
}

async function deployedLake(name: string | undefined): Promise<ServedLake> {
  const { name: workspace, region, customColumns } = await chosenConfig(name);
  if (region) process.env['AWS_REGION'] = region;
  const { BucketName } = (await readDeployment(workspace)).data;
  return servedLake(bucketSource(BucketName, createS3Store(BucketName)), customColumns);
}

async function servedLake(source: LakeSource, custom: CustomColumns): Promise<ServedLake> {
  return { source, tables: exposedTables(custom, await droppedColumns(source.store, custom)) };
}

/** Resolves when the client closes the connection or asks this process to end. */
async function endOfInput(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
