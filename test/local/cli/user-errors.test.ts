import { DescribeStacksCommand, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { statusOf } from '../../../local/cli/run-command.ts';
import { close, listen } from '../../../local/run/listening.ts';
import { runHere } from '../../support/start-process.ts';

const failing = (error: Error) =>
  runHere({}, () =>
    statusOf(false, () => {
      throw error;
    }),
  );
const errno = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: no, ${syscall} '/theirs/x'`), { code, syscall, path: '/theirs/x' });

it.each([
  [errno('EACCES', 'open'), /^\/theirs\/x cannot be opened \(EACCES\): it belongs to another user, .*\n$/],
  [errno('EPERM', 'mkdir'), /^\/theirs\/x cannot be written \(EPERM\): .*\n$/],
  [errno('EROFS', 'open'), /^\/theirs\/x cannot be written \(EROFS\): .*\n$/],
])('a folder of another user is one line: %s', async (error, line) => {
  const { code, stderr } = await failing(error);
  expect([code, stderr]).toEqual([2, expect.stringMatching(line)]);
});

it.each([
  ['ExpiredToken', /^AWS refuses the credentials \(ExpiredToken\)\. Sign in again, .*\n$/],
  ['InvalidClientTokenId', /^AWS refuses the credentials \(InvalidClientTokenId\)\. Sign in again, .*\n$/],
  ['AccessDenied', /^AWS does not permit this: User x may not\. The policies .*\n$/],
])('dead credentials are one line: %s', async (name, line) => {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>User x may not</Message></Error></ErrorResponse>`;
  const server = createServer((_, response) => response.writeHead(403, { 'content-type': 'text/xml' }).end(body));
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'none' };
  const client = new CloudFormationClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
  const error: unknown = await client.send(new DescribeStacksCommand({})).catch((thrown: unknown) => thrown);
  await close(server);
  if (!(error instanceof Error)) throw new TypeError('It did not fail.');
  const { code, stderr } = await failing(error);
  expect([code, stderr]).toEqual([2, expect.stringMatching(line)]);
});
