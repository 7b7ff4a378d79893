import { suggestion } from '../../lambdas/contract/closest-name.ts';

const advice = "use a name of the IANA database, such as 'Europe/Berlin' or 'Etc/UTC'";
/**
 * How the IANA database spells names. Checked because `Intl` accepts offsets such as +02:00 and names in any case,
 * which EventBridge Scheduler refuses.
 */
const spelling = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;

const hint = (name: string) => suggestion(name, Intl.supportedValuesOf('timeZone'), `${advice}.`);

/** @returns a readable message that says what is wrong with the name of a time zone; undefined if nothing is */
export function timezoneProblem(name: string): string | undefined {
  if (!spelling.test(name)) return `'${name}' is not the spelling of a time zone: ${hint(name)}`;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return undefined;
  } catch {
    return `there is no time zone '${name}': ${hint(name)}`;
  }
}
