import { InvokeCommand, LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { UsageError } from '../../local/cli/usage-error.ts';

/**
 * Invokes a function and waits for its answer.
 * @throws UsageError with what the function said, where it failed
 */
export async function invokeFunction(name: string, payload: unknown): Promise<unknown> {
  const { FunctionError, Payload } = await new LambdaClient().send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
  );
  const text = Payload ? Buffer.from(Payload).toString() : 'null';
  if (FunctionError !== undefined) throw new UsageError(`The function ${name} failed: ${text}`, 1);
  return JSON.parse(text);
}

/** Switches on or off what carries messages from a queue to its function. Messages wait in the queue meanwhile. */
export async function switchMapping(id: string, on: boolean): Promise<void> {
  await new LambdaClient().send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: on }));
}
