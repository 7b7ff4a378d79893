/**
 * If the first of these tests fails, an upgrade would take something from users of the last release. Restore the
 * logical id or the name. If the loss is intended, describe it and what users must do in the release notes, and run
 * npm run release-templates.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { currentTemplates, lossesBy, releasedTemplate, type Template } from '../../tools/released-templates.ts';

const released = releasedTemplate();
const { data, pipeline } = currentTemplates();

/** The same template with other logical ids. */
function renamed(from: Template, pattern: RegExp): Template {
  const names = Object.keys(from.Resources).filter((id) => pattern.test(id));
  expect(names).not.toEqual([]);
  const text = names.reduce(
    (json, id) => json.replaceAll(new RegExp(`"${id}(?=[".])`, 'g'), `"Renamed${id}`),
    JSON.stringify(from),
  );
  return JSON.parse(text) as Template;
}

function changed(from: Template, id: RegExp, properties: object): Template {
  const copy = structuredClone(from);
  for (const [name, resource] of Object.entries(copy.Resources))
    if (id.test(name)) Object.assign(resource['Properties'] as object, properties);
  return copy;
}

describe('an upgrade from the last release', () => {
  it('replaces and removes no resource that holds data', () => {
    expect(lossesBy(released, data)).toEqual([]);
  });

  it('would be refused with another logical id of the bucket, which has a fixed name', () => {
    expect(lossesBy(released, renamed(data, /^LakeBucket[0-9A-F]{8}$/))).toEqual([
      expect.stringMatching(
        /^LakeBucket[0-9A-F]{8} \(AWS::S3::Bucket\) would be left behind, and known to no stack\.$/,
      ),
    ]);
  });

  it.each([
    ['a secret', /^ApiKeySecret/, 'AWS::SecretsManager::Secret'],
    ['the database', /^TablesDatabase/, 'AWS::Glue::Database'],
    ['a table', /^Tablesleadshistory/, 'AWS::Glue::Table'],
    ['the workgroup', /^AthenaWorkgroup/, 'AWS::Athena::WorkGroup'],
  ])('would be refused with another logical id of %s', (_, id, type) => {
    expect(lossesBy(released, renamed(data, id))).toEqual([expect.stringContaining(`(${type})`)]);
  });

  it('would be refused with another name of the bucket or of a secret, which replaces it', () => {
    expect(lossesBy(released, changed(data, /^LakeBucket[0-9A-F]{8}$/, { BucketName: 'another' }))).toEqual([
      expect.stringMatching(/AWS::S3::Bucket\) would be replaced by an empty one/),
    ]);
    expect(lossesBy(released, changed(data, /^ApiKeySecret/, { Name: 'another' }))).toEqual([
      expect.stringMatching(/AWS::SecretsManager::Secret\) would be replaced by an empty one/),
    ]);
  });

  it('may change the properties of a resource, and add resources', () => {
    const kept = changed(data, /^ApiKeySecret/, { Description: 'Another.' });
    const more = { ...kept, Resources: { ...kept.Resources, More: { Type: 'AWS::S3::Bucket', Properties: {} } } };
    expect(lossesBy(released, more)).toEqual([]);
  });

  it('may rename resources of the other stack, which holds no lasting data', () => {
    expect(lossesBy(pipeline, renamed(pipeline, /^(ExtractQueue|PlanFunction|PlanRole|NightlySchedule)/))).toEqual([]);
  });
});

describe('the released template', () => {
  it('names no account, no machine and no secret', () => {
    const text = readFileSync('test/lib/released/data.template.json', 'utf8');
    expect(text).not.toMatch(/[":]\d{12}[":]|\/(home|Users|root|work|tmp)\/|pb2b_live_[a-z0-9]|whsec_[a-z0-9]/);
  });
});
