/** Why AWS cannot be asked, and what a person does about it. */

/** What a person does so that AWS can be asked, by what is missing. */
export const accessAdvice = {
  region: 'set AWS_REGION, or region in prospect-lake.config.ts.',
  credentials: 'set AWS_PROFILE, or sign in with aws sso login.',
} as const;

/** What is missing to ask AWS at all. @returns undefined if the error is about something else */
export function missingAccess({ name, message }: Error): keyof typeof accessAdvice | undefined {
  if (/region is missing/i.test(message)) return 'region';
  return name === 'CredentialsProviderError' || name === 'TokenProviderError' ? 'credentials' : undefined;
}

/** Whether AWS knows the credentials no longer, or never knew them. */
export function areCredentialsRefused({ name }: Error): boolean {
  return /Expired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch/.test(name);
}
