/** Recognizes errors of the AWS SDK about a missing region or unusable credentials, and says what the user can do. */

/** What the user can do if a setting that every call to AWS needs is missing. */
export const accessAdvice = {
  region: 'set AWS_REGION, or region in prospect-lake.config.ts.',
  credentials: 'set AWS_PROFILE, or sign in with aws sso login.',
} as const;

/** Which missing setting made a call to AWS fail. @returns undefined if the error has another cause */
export function missingAccess({ name, message }: Error): keyof typeof accessAdvice | undefined {
  if (/region is missing/i.test(message)) return 'region';
  return name === 'CredentialsProviderError' || name === 'TokenProviderError' ? 'credentials' : undefined;
}

/** Whether AWS rejected the credentials, because they have expired or are wrong. */
export function areCredentialsRefused({ name }: Error): boolean {
  return /Expired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch/.test(name);
}
