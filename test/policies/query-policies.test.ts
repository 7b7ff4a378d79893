import { describe, expect, it } from 'vitest';
import { policies } from '../../policies/policies.ts';
import { account, allows, targetOf } from '../support/policies.ts';

describe('the policies of those who query', () => {
  const database = (name: string) => `arn:aws:glue:eu-central-1:${account}:database/${name}`;
  const object = (key: string) => `arn:aws:s3:::prospect-lake-main-${account}-eu-central-1/${key}`;

  it('let them read the catalog as Athena needs it, the tables, and nothing else in the bucket', () => {
    for (const policy of [policies.analyst(targetOf('main')), policies.modeler(targetOf('main'))]) {
      expect(allows(policy, 'glue:GetDatabase', database('default'))).toBe(true);
      expect(allows(policy, 'glue:GetDatabase', database('prospect_lake_main'))).toBe(true);
      for (const key of ['lake/leads/a.parquet', 'current/leads/data/a.parquet'])
        expect(allows(policy, 's3:GetObject', object(key))).toBe(true);
      for (const key of ['raw/leads/a', 'runs/a', 'state/pipeline.json'])
        expect(allows(policy, 's3:GetObject', object(key))).toBe(false);
      for (const key of ['lake/a', 'current/a']) expect(allows(policy, 's3:PutObject', object(key))).toBe(false);
    }
  });

  it('let them list the names of the tables and of models, and no others in the bucket', () => {
    const listed = ({ Statement }: ReturnType<typeof policies.analyst>) =>
      Statement.filter(({ Action }) => Action.includes('s3:ListBucket')).map(({ Condition }) => Condition);
    const prefixes = (...names: string[]) => [{ StringLike: { 's3:prefix': names } }];
    expect(listed(policies.analyst(targetOf('main')))).toEqual(prefixes('lake/*', 'current/*'));
    expect(listed(policies.modeler(targetOf('main')))).toEqual(prefixes('lake/*', 'current/*', 'models/*'));
  });

  it('let an analyst create no tables, and a modeler create them only in the place for models', () => {
    const table = (name: string) => `arn:aws:glue:eu-central-1:${account}:table/${name}/any`;
    const [analyst, modeler] = [policies.analyst(targetOf('main')), policies.modeler(targetOf('main'))];
    expect(allows(analyst, 'glue:CreateTable', table('prospect_lake_main'))).toBe(false);
    expect(allows(modeler, 'glue:CreateTable', table('prospect_lake_main'))).toBe(false);
    expect(allows(modeler, 'glue:CreateTable', table('prospect_lake_main_models'))).toBe(true);
    expect(allows(modeler, 's3:DeleteObject', object('models/a'))).toBe(true);
    expect(allows(analyst, 's3:PutObject', object('models/a'))).toBe(false);
  });
});
