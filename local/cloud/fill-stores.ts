import { join } from 'node:path';
import type { Definitions } from './cloudformation/definitions.ts';
import type { GeneratedSecrets } from './secrets-manager/generated-secrets.ts';
import { findNamed } from './cloudformation/names.ts';
import type { ObjectFiles } from './s3/object-files.ts';
import type { ObjectStore } from './s3/object-store.ts';
import type { LocalQueues } from './sqs/queues.ts';
import type { Secrets } from './secrets-manager/secrets.ts';

interface Stores {
  readonly queues: LocalQueues;
  readonly files: ObjectFiles;
  readonly objects: ObjectStore;
  readonly secrets: Secrets;
  readonly generated: GeneratedSecrets;
}

interface Content {
  readonly out: string;
  readonly buckets?: readonly string[];
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Environment variable with the name of the lake's bucket, whose objects are files in the output folder itself. */
const lakeBucketVariable = 'LAKE_BUCKET';

/**
 * Creates the queues, buckets and secrets of the templates, with the content that an earlier start left in them.
 * @throws Error if a value is given for a secret that the templates do not have
 */
export function fillStores(
  definitions: Definitions,
  stores: Stores,
  { out, buckets = [], secrets = {} }: Content,
): void {
  for (const { queueName, url, arn, attributes } of definitions.queues)
    stores.queues.createQueue(queueName, url, arn, { ...attributes });

  const lake = lakeBucketOf(definitions);
  for (const name of new Set([...definitions.buckets.map(({ bucketName }) => bucketName), ...buckets])) {
    stores.objects.createBucket(name);
    stores.files.addBucket(name, name === lake ? out : join(out, '.cloud', 'buckets', name));
  }
  stores.files.loadS3(stores.objects);

  const values = new Map(
    Object.entries(secrets).map(([name, value]) => [
      findNamed('secret', name, definitions.secrets, ({ secretName, arn }) => [secretName, arn]).arn,
      value,
    ]),
  );
  for (const { secretName, arn, generatedLength } of definitions.secrets) {
    const generated = generatedLength === undefined ? undefined : stores.generated.valueOf(secretName, generatedLength);
    stores.secrets.add(secretName, arn, values.get(arn) ?? generated);
  }
}

function lakeBucketOf({ functions, buckets }: Definitions): string | undefined {
  const given = functions.map(({ environment }) => environment[lakeBucketVariable]).find((name) => name !== undefined);
  return given ?? (buckets.length === 1 ? buckets[0]?.bucketName : undefined);
}
