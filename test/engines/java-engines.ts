/** Trino and Spark's Iceberg runtime, from Maven Central. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const trino = 'trino-server-476';
const sparkJars = ['iceberg-spark-runtime-4.1_2.13:1.12.0', 'iceberg-aws-bundle:1.12.0'];
/** Plugins that the tests need; others would only slow Trino's start. */
const trinoPlugins = ['hive', 'iceberg'];

function must(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
}

function fromMaven(artifact: string, folder: string): void {
  must('mvn', ['--quiet', '--batch-mode', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
}

/** Installs Trino, unless it is installed. @returns the server's folder */
export function installTrino(folder: string): string {
  const home = join(folder, trino);
  if (existsSync(home)) return home;
  const unpacked = join(folder, 'unpacked');
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked);
  fromMaven('io.trino:trino-server:476:tar.gz', folder);
  must('tar', ['--extract', '--gzip', '--file', join(folder, `${trino}.tar.gz`), '--directory', unpacked]);
  const plugins = join(unpacked, trino, 'plugin');
  for (const plugin of readdirSync(plugins))
    if (!trinoPlugins.includes(plugin)) rmSync(join(plugins, plugin), { recursive: true });
  renameSync(join(unpacked, trino), home);
  rmSync(join(folder, `${trino}.tar.gz`));
  return home;
}

/** Downloads Spark's jars, unless they are there. @returns their paths, in the form that Spark expects */
export function installSpark(folder: string): string {
  const jars = sparkJars.map((jar) => {
    const [name = '', version = ''] = jar.split(':');
    const path = join(folder, `${name}-${version}.jar`);
    if (!existsSync(path)) fromMaven(`org.apache.iceberg:${jar}`, folder);
    return path;
  });
  return jars.join(',');
}

/** Finds a JDK of this version where Debian and Temurin install it. @returns its home */
export function findJava(version: number): string {
  const homes = '/usr/lib/jvm';
  const own = process.env[`JAVA_HOME_${version}`];
  if (own !== undefined) return own;
  const found = existsSync(homes)
    ? readdirSync(homes).find((name) => name.split('-').includes(String(version)))
    : undefined;
  if (found === undefined) throw new Error(`There is no JDK ${version} in ${homes}; set JAVA_HOME_${version}.`);
  return join(homes, found);
}
