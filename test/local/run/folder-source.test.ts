import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkFolderSource,
  configuredColumns,
  configuredFor,
  rateOfLastStart,
  readFolderSource,
  writeFolderSource,
} from '../../../local/run/folder-source.ts';
import { readRefusedStart } from '../../../local/run/refused-start.ts';
import { rejection } from '../../support/api-caller.ts';

type Source = Parameters<typeof checkFolderSource>[1];
type Chosen = Parameters<typeof checkFolderSource>[2];
const check = (out: string, source: Source, chosen: Chosen) => checkFolderSource(out, source, chosen, '--api-key');
/** What a start does with the source of its folder. */
const begin = async (out: string, source: Source, chosen: Chosen) =>
  writeFolderSource(out, await check(out, source, chosen));

const main = { name: 'main', configured: ['main'], customColumns: {} };

describe('an output folder', () => {
  let out = '';
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'folder-source-'));
  });
  afterEach(async () => rm(out, { recursive: true, force: true }));

  it('accepts its own source', async () => {
    await begin(out, { kind: 'api', workspace: 'tenant_1' }, main);
    await begin(out, { kind: 'api', workspace: 'tenant_1' }, main);
    await expect(begin(out, { kind: 'api', workspace: null }, main)).resolves.toBeUndefined();
  });

  it('refuses a real workspace if it has a simulated one, and vice versa', async () => {
    await begin(out, { kind: 'simulator', workspace: null }, main);
    await expect(check(out, { kind: 'api', workspace: 'tenant_1' }, main)).rejects.toThrow(
      /simulated workspace.*--out/,
    );
  });

  it('names the variables to set if it has a real workspace and they are missing', async () => {
    await begin(out, { kind: 'api', workspace: 'tenant_1' }, main);
    await expect(check(out, { kind: 'simulator', workspace: null }, main)).rejects.toThrow(
      /read from the API\. Set PROSPECTB2B_API_URL and PROSPECTB2B_API_KEY .*another folder with --out\./,
    );
  });

  it('remembers the requests a minute of the last start', async () => {
    const api = { kind: 'api', workspace: 'tenant_1' } as const;
    await begin(out, { ...api, requestsPerMinute: 10 }, main);
    await begin(out, { ...api, requestsPerMinute: 240 }, main);
    expect(await readFolderSource(out)).toMatchObject({ requestsPerMinute: 240 });
    expect(await rateOfLastStart(out)).toBe(240);
  });

  it('remembers the tables that the last start chose', async () => {
    const source = { kind: 'simulator', workspace: null } as const;
    await begin(out, { ...source, streams: ['campaigns'] }, main);
    expect(await readFolderSource(out)).toMatchObject({ streams: ['campaigns'] });
    await begin(out, source, main);
    expect(await readFolderSource(out)).not.toHaveProperty('streams');
  });

  it('remembers the custom columns of the last start', async () => {
    expect(await configuredColumns(out)).toEqual({});
    const customColumns = { leads: { lead_score: { type: 'integer' } } } as const;
    await begin(out, { kind: 'simulator', workspace: null }, { ...main, customColumns });
    expect(await configuredColumns(out)).toEqual(customColumns);
    await begin(out, { kind: 'simulator', workspace: null }, main);
    expect(await configuredColumns(out)).toEqual({});
  });

  it('refuses another workspace of the API', async () => {
    await begin(out, { kind: 'api', workspace: 'tenant_1' }, main);
    const refused = await rejection(check(out, { kind: 'api', workspace: 'tenant_2' }, main));
    expect(refused).toMatchObject({
      exitCode: 1,
      message: `The key from --api-key belongs to the workspace tenant_2, but ${out} holds the tables of tenant_1. Most likely it is the wrong key: give the one of tenant_1. To read tenant_2 as well, choose another folder with --out.`,
    });
    expect(await readRefusedStart(out)).toMatchObject({ message: expect.stringContaining('tenant_2') });
  });

  it('refuses another workspace of the configuration, and says which it has', async () => {
    const api = { kind: 'api', workspace: 'tenant_1' } as const;
    const configured = ['sales', 'partners'];
    await begin(out, api, { ...main, name: 'sales', configured });
    await begin(out, api, { ...main, name: 'sales', configured });
    await expect(check(out, api, { ...main, name: 'partners', configured })).rejects.toThrow(
      /tables of the workspace 'sales'.*--out, or --workspace sales\./,
    );
    expect(await configuredFor(out)).toBe('sales');
  });

  it('accepts a workspace that was renamed', async () => {
    const api = { kind: 'api', workspace: 'tenant_1' } as const;
    await begin(out, api, main);
    await begin(out, api, { ...main, name: 'sales', configured: ['sales', 'partners'] });
    expect(await configuredFor(out)).toBe('sales');
  });

  it('accepts any workspace if a former version did not record one', async () => {
    await writeFile(join(out, 'source.json'), '{"kind":"simulator","workspace":null}');
    expect(await configuredFor(out)).toBeUndefined();
    await begin(out, { kind: 'simulator', workspace: null }, main);
    expect(await readFolderSource(out)).toEqual({
      kind: 'simulator',
      workspace: null,
      configured: 'main',
      customColumns: {},
    });
  });
});
