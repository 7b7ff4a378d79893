/** @returns a readable message that says what is wrong with the base URL of the API; undefined if nothing is */
export function apiBaseUrlProblem(text: string): string | undefined {
  const ending = '/api/public/v1';
  if (!URL.canParse(text)) return `has to be a URL such as 'https://login.prospectb2b.com${ending}'`;
  if (!/^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(text))
    return 'has to be an https URL: the key goes with each request';
  return text.endsWith(ending) ? undefined : `has to end in '${ending}'`;
}
