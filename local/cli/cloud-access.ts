/** Recognizes errors of the AWS SDK about a missing region or unusable credentials, and says what the user can do. */

import { z } from 'zod';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import { errorCode } from './connection-words.ts';

type Setting = 'region' | 'credentials';

/** What the user can do if a setting that every call to AWS needs is missing. */
export function accessAdvice(
  missing: Setting,
  { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: key }: NodeJS.ProcessEnv,
): string {
  // Without a region, nothing looks for credentials yet.
  const both = profile || key ? '' : ' Credentials are needed too: AWS_PROFILE, or aws sso login.';
  if (missing === 'region') return `set AWS_REGION, or region in ${configFileName()}.${both}`;
  if (!profile) return 'set AWS_PROFILE, or sign in with aws sso login.';
  return `there is no profile '${profile}', which AWS_PROFILE names, or it has none. aws configure list-profiles lists the profiles; aws sso login --profile ${profile} signs in.`;
}

/** Whether a call to AWS failed because nothing answered it. */
export function isUnanswered(error: Error): boolean {
  const { data } = calledAws.safeParse(error);
  return (
    data !== undefined &&
    data.$metadata.httpStatusCode === undefined &&
    /^E[A-Z_]+$|TimeoutError|CERT/.test(errorCode(error))
  );
}

/** Only the SDK adds metadata to an error. It has a status if there was an answer. */
const calledAws = z.object({ $metadata: z.object({ httpStatusCode: z.number().optional() }) });

/** Says that AWS does not answer, and what the user can do. */
export function noAnswer(error: Error): { readonly says: string; readonly todo: string } {
  return {
    says: `AWS does not answer (${errorCode(error)}).`,
    todo: 'Check the network, the name of the region, and HTTPS_PROXY if there is a proxy.',
  };
}

/** Which missing setting made a call to AWS fail. @returns undefined if the error has another cause */
export function missingAccess({ name, message }: Error): Setting | undefined {
  if (/region is missing/i.test(message)) return 'region';
  return name === 'CredentialsProviderError' || name === 'TokenProviderError' ? 'credentials' : undefined;
}

/** Whether AWS rejected the credentials, because they have expired or are wrong. */
export function areCredentialsRefused({ name }: Error): boolean {
  return /Expired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch/.test(name);
}
