/**
 * Other engines read tables that the pipeline wrote through the S3 and Glue adapters. Each row and value is compared
 * with what was written or with the simulated workspace. main.ts starts this suite.
 */

import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGlueCatalog } from '../../lambdas/adapters/glue-catalog.ts';
import { createS3Store } from '../../lambdas/adapters/s3-store.ts';
import { lakeBucketName } from '../../lib/config/names.ts';
import { writeForgotten } from './forgotten.ts';
import { writeNights } from './nights.ts';
import { type Answer, asRead, comparable, readWith } from './read-with.ts';
import { type Reading, scenarioDatabase, writeScenario } from './scenario.ts';
import { type Server, startMoto, startTrino } from './servers.ts';

const { ENGINES = '', ENGINES_PYTHON = '', TRINO_HOME = '', TRINO_JAVA = '' } = process.env;
const engines = ENGINES.split(',');
/** Name of the bucket in the embedded cloud: the file URIs in the tables' metadata contain this name. */
const bucket = lakeBucketName('main', '000000000000', 'us-east-1');

const moto = await startMoto(ENGINES_PYTHON);
const endpoint = `http://127.0.0.1:${moto.port}`;
const sdk = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const s3 = new S3Client({ ...sdk, forcePathStyle: true });
const glue = new GlueClient(sdk);
const store = createS3Store(bucket, s3);
const catalog = createGlueCatalog(scenarioDatabase, glue);

async function writeTables(): Promise<Reading[]> {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: scenarioDatabase } }));
  const world = { store, catalog, warehouse: { root: `s3://${bucket}/` } };
  return [
    ...(await writeScenario(world)),
    ...(await writeForgotten(world)),
    ...(await writeNights({ glue, glueEndpoint: endpoint, store, bucket })),
  ];
}

const readings = await writeTables().catch(async (error: unknown) => {
  await moto.stop();
  throw error;
});

afterAll(() => moto.stop());

describe.each(engines)('%s', (engine) => {
  const asked = readings.filter((reading) => reading.catalog === 'current' || engine === 'trino');
  let answers: Answer[] = [];

  beforeAll(async () => {
    let trino: Server | undefined;
    if (engine === 'trino') trino = await startTrino(TRINO_HOME, TRINO_JAVA, moto.port);
    const environment = { TRINO_PORT: String(trino?.port ?? '') };
    answers = await readWith(engine, asked, { python: ENGINES_PYTHON, endpoint, environment });
    await trino?.stop();
  });

  it.each(asked.map(({ name, columns, rows }, at) => ({ name, columns, rows, at })))(
    'reads $name',
    ({ columns, rows, at }) => {
      const answer = answers[at] ?? { error: 'no answer' };
      if ('error' in answer) throw new Error(answer.error);
      const expected = rows.map((row) => columns.map(({ name }) => asRead(row[name] ?? null)));
      expect(comparable(answer.rows)).toEqual(comparable(expected));
    },
  );
});
