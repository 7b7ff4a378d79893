import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { licencesPage, packagesIn, refusals } from '../../tools/licences.ts';

const lock = (license: string | undefined, more: object = {}) =>
  JSON.stringify({
    packages: {
      '': { version: '0.1.0' },
      'tools/api-types': { version: '0.1.0' },
      'node_modules/api-types': { link: true },
      'node_modules/a/node_modules/@scope/b': { version: '1.2.3', ...(license ? { license } : {}), ...more },
    },
  });

describe('a licence', () => {
  it.each(['MIT', '(MIT OR GPL-3.0-or-later)', 'Apache-2.0 AND MIT', 'GPL-2.0 OR ISC'])('%s is allowed', (licence) => {
    expect(refusals(packagesIn(lock(licence)))).toEqual([]);
  });

  it.each(['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'MPL-2.0', 'SEE LICENSE IN LICENSE', 'UNLICENSED'])(
    '%s is refused, and the package is named',
    (licence) => {
      expect(refusals(packagesIn(lock(licence)))).toEqual([`@scope/b@1.2.3: ${licence}`]);
    },
  );

  it('that is missing is refused', () => {
    expect(refusals(packagesIn(lock(undefined)))).toEqual(['@scope/b@1.2.3: no licence']);
  });

  it('may be of another kind for build and test packages, which are not on the page', () => {
    const tools = packagesIn(lock('MPL-2.0', { dev: true }));
    expect(refusals(tools)).toEqual([]);
    expect(licencesPage(tools)).not.toContain('MPL-2.0');
    expect(refusals(packagesIn(lock('GPL-3.0-only', { dev: true })))).toHaveLength(1);
  });

  it('of every package that this project needs is allowed', () => {
    const packages = packagesIn(readFileSync('package-lock.json', 'utf8'));
    expect(packages.length).toBeGreaterThan(100);
    expect(refusals(packages)).toEqual([]);
  });
});
