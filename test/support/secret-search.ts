import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * Finds files of a folder that contain one of these texts: in the raw bytes, in the unpacked gzip, or in the values of
 * all Parquet rows.
 * @param known says which files may contain a text, and are not searched
 */
export async function filesHolding(
  folder: string,
  secrets: readonly string[],
  known: (file: string) => boolean = () => false,
): Promise<{ searched: string[]; holding: string[] }> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !known(file.slice(folder.length + 1)));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const holding: string[] = [];
  for (const file of files) {
    const bytes = readFileSync(file);
    const texts = [bytes.toString('latin1')];
    if (file.endsWith('.gz')) texts.push(gunzipSync(bytes).toString('utf8'));
    if (file.endsWith('.parquet')) {
      const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}', hive_partitioning = false)`);
      texts.push(JSON.stringify(reader.getRowsJson()));
    }
    if (secrets.some((secret) => texts.some((text) => text.includes(secret)))) holding.push(file);
  }
  connection.closeSync();
  instance.closeSync();
  return { searched: files.map((file) => file.slice(folder.length + 1)), holding };
}
