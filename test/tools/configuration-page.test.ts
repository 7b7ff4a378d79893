import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../../lib/config/config.ts';
import { configurationFields, configurationPage } from '../../tools/configuration-page.ts';

const fields = configurationFields();
const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

/** Path and value of each leaf: `{ a: { b: 1 } }` gives `a.b` and 1. */
function leaves(value: object, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(value).flatMap(([name, one]) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) && Object.keys(one).length > 0
      ? leaves(one, `${prefix}${name}.`)
      : [[`${prefix}${name}`, one] satisfies [string, unknown]],
  );
}

describe('the configuration page', () => {
  it('equals the schema', () => {
    expect(page).toBe(configurationPage());
  });

  it('has exactly the defaults that a workspace gets', () => {
    const told = Object.fromEntries(
      fields.flatMap((field) =>
        field.default === undefined ? [] : [[field.path, field.default.replaceAll("'", '"')]],
      ),
    );
    const given = leaves(parseWorkspace({ name: 'main' })).filter(([path]) => path !== 'name');
    expect(Object.fromEntries(Object.entries(told).map(([path, text]) => [path, JSON.parse(text)]))).toEqual({
      ...Object.fromEntries(given),
      // This field belongs to a group that is absent by default.
      'exports.source.prefix': '',
    });
  });

  it.each(fields)('says what $path is, and what it accepts', ({ path, type, description, required }) => {
    expect(description).toMatch(/^\S.*\.$/);
    expect(`${type}${description}`).not.toContain('|');
    expect(type).not.toContain('undefined');
    expect(required).toBe(['name', 'exports.source.bucket', 'vpc.subnetIds', 'vpc.securityGroupIds'].includes(path));
    expect(page).toContain(`| \`${path}\` | ${type} |`);
  });
});
