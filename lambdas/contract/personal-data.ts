import { z } from 'zod';

export const personalClass = z.enum(['email', 'phone', 'name', 'subject', 'body', 'quote']);
export type PersonalClass = z.infer<typeof personalClass>;

/** Kinds of personal data. A column is marked with one, and the configuration drops or hashes columns by kind. */
export const personalClasses = {
  email: 'E-mail addresses. Without white space around them and in lower case before they are hashed.',
  phone: 'Telephone numbers.',
  name: 'Names of people.',
  subject: 'Subject lines of messages.',
  body: 'What a person wrote.',
  /** Nobody can know what these columns hold, so dropping or hashing any class drops them too. */
  quote:
    'Text and JSON of the API in which any of the others can be quoted: log lines, errors, payloads. Left out as soon as anything at all is dropped or hashed.',
} as const satisfies Record<PersonalClass, string>;

/** Columns to drop or to hash. Each entry is a class, or a column as `table.column`. */
export const personalChoice = z.object({ drop: z.array(z.string()), hash: z.array(z.string()) });
export type PersonalChoice = z.infer<typeof personalChoice>;

export const nothingChosen: PersonalChoice = { drop: [], hash: [] };

/** Entries of a choice that another one lacks: what was written under the other one still has their values. */
export function entriesAdded(before: PersonalChoice, now: PersonalChoice): string[] {
  return [...lacking(now.drop, before.drop), ...lacking(now.hash, before.hash)];
}

/** The entries that both choices drop, and those that both hash. */
export function commonChoice(one: PersonalChoice, other: PersonalChoice): PersonalChoice {
  return {
    drop: one.drop.filter((entry) => other.drop.includes(entry)),
    hash: one.hash.filter((entry) => other.hash.includes(entry)),
  };
}

function lacking(entries: readonly string[], known: readonly string[]): string[] {
  return entries.filter((entry) => !known.includes(entry));
}

/** Tells a person that what is written does not follow `personalData`. @param entries those that it does not follow */
export function unappliedText(entries: readonly string[]): string {
  return `personalData has changed: rows and versions from before still have values of ${entries.join(', ')}. To drop or hash them there too: npx prospect-lake ops rehash`;
}
