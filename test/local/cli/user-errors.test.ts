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

it('a state that cannot be locked, because the folder is of another user, is one line', async () => {
  const { code, stderr } = await failing(Object.assign(new Error('disk I/O error'), { errcode: 3_850 }));
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^A file of state cannot be .*another user.*\n$/)]);
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

it.each([
  ['ECONNREFUSED', '127.0.0.1:1'],
  ['ENOTFOUND', 'sts.nowhere.invalid'],
])('an AWS that does not answer is one line: %s', async (code, host) => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'none' };
  const options = { endpoint: `http://${host}`, region: 'eu-central-1', credentials, maxAttempts: 1 };
  const error: unknown = await new CloudFormationClient(options)
    .send(new DescribeStacksCommand({}))
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new TypeError('It did not fail.');
  // Without a name server, the name cannot be looked up at all.
  const codes = code === 'ENOTFOUND' ? '(ENOTFOUND|EAI_AGAIN)' : code;
  const line = new RegExp(`^AWS does not answer \\(${codes}\\)\\. Check the network, the name of the region, .*\\n$`);
  const told = await failing(error);
  expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
});

it('credentials of a profile that does not exist are one line that names it', async () => {
  const { stderr } = await runHere({ cwd: '.', environment: { AWS_PROFILE: 'nope' } }, () =>
    statusOf(false, () => {
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      });
    }),
  );
  expect(stderr).toMatch(
    /^No AWS credentials: there is no profile 'nope', which AWS_PROFILE names, or it has none\. .*\n$/,
  );
});
