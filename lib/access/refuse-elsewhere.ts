import { type IResource, type Stack, Token } from 'aws-cdk-lib';
import { ConfigError } from '../config/config.ts';

/**
 * Refuses a resource of the app that is not where the workspace is, as far as both places are known.
 * @param what what the configuration wants, such as `workspace 'main': kmsKeyArn: has to be a key`
 * @throws ConfigError
 */
export function refuseElsewhere(data: Stack, what: string, { env, node }: IResource): void {
  for (const part of ['region', 'account'] as const) {
    if (Token.isUnresolved(env[part]) || Token.isUnresolved(data[part]) || env[part] === data[part]) continue;
    throw new ConfigError([`${what} of the ${part} ${data[part]}; ${node.path} is of ${env[part]}`]);
  }
}
