import { join } from 'node:path';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudOptions, startCloud } from '../../../../local/cloud/cloud.ts';
import { temporaryFolder, writeAssembly } from '../fixture-assembly.ts';

const secret = (Name: string, GenerateSecretString: object) => ({
  Type: 'AWS::SecretsManager::Secret',
  Properties: { Name, GenerateSecretString },
});

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let assembly: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  const Resources = {
    HashKey: secret('lake/hash-key', { PasswordLength: 64, ExcludePunctuation: true }),
    Other: secret('lake/other', {}),
  };
  assembly = await writeAssembly(join(folder.path, 'assembly'), { data: { Resources } }, false);
});
afterEach(() => folder.remove());

/** Values of both secrets after a start of the cloud on a folder with this name. */
async function valuesOf(name: string, options: Pick<CloudOptions, 'secrets'> = {}): Promise<(string | undefined)[]> {
  const cloud = await startCloud({ assembly, out: join(folder.path, name), ...options });
  try {
    const { secrets } = cloud.clients();
    const ids = ['lake/hash-key', 'lake/other'];
    const answers = await Promise.all(ids.map((SecretId) => secrets.send(new GetSecretValueCommand({ SecretId }))));
    return answers.map(({ SecretString }) => SecretString);
  } finally {
    await cloud.stop();
  }
}

describe('a secret that the template generates', () => {
  it('has the length in the template, or the service’s default', async () => {
    expect(await valuesOf('one')).toEqual([
      expect.stringMatching(/^[A-Za-z0-9]{64}$/),
      expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    ]);
  });

  it('is the same at the next start on the folder, and different on another', async () => {
    const first = await valuesOf('one');
    expect(await valuesOf('one')).toEqual(first);
    expect(await valuesOf('two')).not.toEqual(first);
  });

  it('is replaced by a given value', async () => {
    const [hashKey] = await valuesOf('one', { secrets: { 'lake/hash-key': 'given' } });
    expect(hashKey).toBe('given');
  });
});
