import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFolderSource } from '../../local/folder-source.ts';

describe('an output folder', () => {
  let out = '';
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'folder-source-'));
  });
  afterEach(async () => rm(out, { recursive: true, force: true }));

  it('takes the source that it has', async () => {
    await checkFolderSource(out, { kind: 'api', workspace: 'tenant_1' });
    await checkFolderSource(out, { kind: 'api', workspace: 'tenant_1' });
    await expect(checkFolderSource(out, { kind: 'api', workspace: null })).resolves.toBeUndefined();
  });

  it('refuses a real workspace beside a simulated one, and the other way round', async () => {
    await checkFolderSource(out, { kind: 'simulator', workspace: null });
    await expect(checkFolderSource(out, { kind: 'api', workspace: 'tenant_1' })).rejects.toThrow(
      /simulated workspace.*--out/,
    );
  });

  it('refuses another workspace of the API', async () => {
    await checkFolderSource(out, { kind: 'api', workspace: 'tenant_1' });
    await expect(checkFolderSource(out, { kind: 'api', workspace: 'tenant_2' })).rejects.toThrow(/another workspace/);
  });
});
