/** Servers that the engines read from: each is a local process on a free port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** Waits until a server is ready. @throws Error with the process's output if the process ends before that */
async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => void (said = `${said}${text.toString()}`.slice(-4_000)));
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`A server ended early: ${said}`);
    await setTimeout(200);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** S3 and Glue, emulated by moto. */
export async function startMoto(python: string): Promise<Server> {
  const port = await freePort();
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)]);
  await untilReady(child, async () => (await fetch(`http://127.0.0.1:${port}/moto-api/`)).ok);
  return { port, stop: () => stop(child) };
}

/** Trino with the catalogs `current` (Iceberg) and `history` (Hive), both from moto's Glue. */
export async function startTrino(home: string, java: string, motoPort: number): Promise<Server> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-trino-'));
  await mkdir(join(folder, 'catalog'));
  const endpoint = `http://127.0.0.1:${motoPort}`;
  const config = [
    'coordinator=true',
    'node-scheduler.include-coordinator=true',
    `http-server.http.port=${port}`,
    `discovery.uri=http://127.0.0.1:${port}`,
    'query.max-memory=2GB',
    'query.max-memory-per-node=1GB',
    'task.concurrency=2',
  ];
  const storage = [
    `hive.metastore.glue.endpoint-url=${endpoint}`,
    'hive.metastore.glue.region=us-east-1',
    'hive.metastore.glue.aws-access-key=test',
    'hive.metastore.glue.aws-secret-key=test',
    'fs.native-s3.enabled=true',
    `s3.endpoint=${endpoint}`,
    's3.region=us-east-1',
    's3.path-style-access=true',
    's3.aws-access-key=test',
    's3.aws-secret-key=test',
  ];
  const current = ['connector.name=iceberg', 'iceberg.catalog.type=glue', ...storage];
  const history = ['connector.name=hive', 'hive.metastore=glue', 'hive.partition-projection-enabled=true', ...storage];
  await writeFile(join(folder, 'config.properties'), config.join('\n'));
  await writeFile(join(folder, 'catalog/current.properties'), current.join('\n'));
  await writeFile(join(folder, 'catalog/history.properties'), history.join('\n'));
  const options = [
    '-Xmx3G',
    '-XX:+UseG1GC',
    '-Djdk.attach.allowAttachSelf=true',
    '-Dfile.encoding=UTF-8',
    '--sun-misc-unsafe-memory-access=allow',
    '--enable-native-access=ALL-UNNAMED',
    '-Dnode.environment=test',
    '-Dnode.id=engines',
    `-Dnode.data-dir=${folder}`,
    `-Dconfig=${join(folder, 'config.properties')}`,
    `-Dcatalog.config-dir=${join(folder, 'catalog')}`,
    `-Dplugin.dir=${join(home, 'plugin')}`,
  ];
  const child = spawn(join(java, 'bin/java'), [...options, '-cp', join(home, 'lib/*'), 'io.trino.server.TrinoServer']);
  await untilReady(child, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/info`);
    return (await answer.text()).includes('"starting":false');
  });
  return {
    port,
    async stop() {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
