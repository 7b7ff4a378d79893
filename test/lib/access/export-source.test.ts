import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WorkspaceInput } from '../../../lib/config/workspace-input.ts';
import { list, propertiesOf, templatesOf, text } from '../templates.ts';

describe('the source of export files', () => {
  const statement = z.object({ Action: list(z.string()), Resource: list(text), Condition: z.unknown().optional() });
  const documents = z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) });
  const ofExport = (source: WorkspaceInput['exports']) =>
    [...propertiesOf(templatesOf({ exports: source }).pipeline, 'AWS::IAM::Policy', documents)]
      .filter(([id]) => id.startsWith('ExportRole'))
      .flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement);
  const roleArn = 'arn:aws:iam::111122223333:role/vendor-reader';
  const bucket = 'vendor-exports';

  it('is read only below its prefix, where the function can also tell that a file is absent', () => {
    // A statement may also list resources in the lake's bucket. They are left out.
    const reading = ofExport({ source: { bucket, prefix: 'drop/' } })
      .map((one) => ({ ...one, Resource: one.Resource.filter((resource) => resource.includes(bucket)) }))
      .filter(({ Resource }) => Resource.length > 0);
    expect(reading).toEqual([
      { Action: ['s3:GetObject'], Resource: ['arn:<AWS::Partition>:s3:::vendor-exports/drop/*'] },
      {
        Action: ['s3:ListBucket'],
        Resource: ['arn:<AWS::Partition>:s3:::vendor-exports'],
        Condition: { StringLike: { 's3:prefix': 'drop/*' } },
      },
    ]);
  });

  it('is left to a role if there is one: the function may assume only that role', () => {
    const statements = ofExport({ source: { bucket, prefix: 'drop/', roleArn } });
    expect(statements.filter(({ Resource }) => Resource.join().includes(bucket))).toEqual([]);
    expect(statements.filter(({ Action }) => Action.includes('sts:AssumeRole'))).toEqual([
      { Action: ['sts:AssumeRole'], Resource: [roleArn] },
    ]);
  });
});
