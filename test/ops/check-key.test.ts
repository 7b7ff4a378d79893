import { expect, it } from 'vitest';
import { UnauthorizedError, UnavailableError } from '../../lambdas/core/errors.ts';
import { checkKeyOfFunctions } from '../../ops/check-key.ts';
import { AuditWorld } from '../support/audit-world.ts';
import { memoryTarget } from '../support/memory-target.ts';

it.each([
  ['the key is refused', () => new UnauthorizedError('The key is bad.')],
  ['the API does not answer', () => new UnavailableError('No answer.')],
])('a command that sends work of a folder again stops if %s: the work would fail', async (_, error) => {
  const world = new AuditWorld([]);
  const folder = { ...memoryTarget(world), local: { out: '../lake', isSimulated: true, isRunning: false } };
  await expect(checkKeyOfFunctions(folder)).resolves.toBeUndefined();
  world.beforeRequest = () => {
    throw error();
  };
  await expect(checkKeyOfFunctions(folder)).rejects.toMatchObject({ message: error().message, exitCode: 2 });
});

it('a refused key is told without the path that was asked', async () => {
  const world = new AuditWorld([]);
  const folder = { ...memoryTarget(world), local: { out: '../lake', isSimulated: true, isRunning: false } };
  world.beforeRequest = () => {
    throw new UnauthorizedError('/me: the API answered 401. Put a valid key into PROSPECTB2B_API_KEY.');
  };
  await expect(checkKeyOfFunctions(folder)).rejects.toThrow(
    /^The API answered 401\. Put a valid key into PROSPECTB2B_API_KEY\.$/,
  );
});
