import { setTimeout as wait } from 'node:timers/promises';
import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  ResourceInUseException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { UsageError } from '../../local/cli/usage-error.ts';

/**
 * Invokes a function and waits for its answer.
 * @throws UsageError with the function's error, if it failed
 */
export async function invokeFunction(name: string, payload: unknown): Promise<unknown> {
  const { FunctionError, Payload } = await new LambdaClient().send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
  );
  const text = Payload ? Buffer.from(Payload).toString() : 'null';
  if (FunctionError !== undefined) throw new UsageError(`The function ${name} failed: ${text}`, 1);
  return JSON.parse(text);
}

/** True if an event source mapping passes messages of a queue to its function, or is about to. */
export async function isMappingOn(id: string): Promise<boolean> {
  const { State } = await new LambdaClient().send(new GetEventSourceMappingCommand({ UUID: id }));
  return State !== 'Disabled' && State !== 'Disabling';
}

/** Lambda rejects an update while another is in progress, which takes up to a minute; 30 × 3 s leave room for it. */
const updateAttempts = 30;
const updateWaitMilliseconds = 3_000;

/**
 * Switches an event source mapping on or off. While it is off, messages wait in the queue.
 * @param on undefined: changes nothing, but fails if AWS does not permit the change
 */
export async function switchMapping(id: string, on?: boolean): Promise<void> {
  const client = new LambdaClient();
  const command = new UpdateEventSourceMappingCommand({ UUID: id, ...(on === undefined ? {} : { Enabled: on }) });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(command);
      return;
    } catch (error) {
      if (!(error instanceof ResourceInUseException) || attempt === updateAttempts) throw error;
      await wait(updateWaitMilliseconds);
    }
  }
}
