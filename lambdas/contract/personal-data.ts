import { z } from 'zod';

/** Kinds of personal data that a column can be marked with: what a configuration drops or hashes by. */
export const personalClasses = {
  email: 'E-mail addresses. Without white space around them and in lower case before they are hashed.',
  phone: 'Telephone numbers.',
  name: 'Names of people.',
  subject: 'Subject lines of messages.',
  body: 'What a person wrote.',
  /** Nobody can say beforehand what stands in these, so they go with any of the others. */
  quote:
    'Text and JSON of the API in which any of the others can be quoted: log lines, errors, payloads. Left out as soon as anything at all is dropped or hashed.',
} as const;

export type PersonalClass = keyof typeof personalClasses;

/** What to do with personal data: entries are classes, or columns as `table.column`. */
export const personalChoice = z.object({ drop: z.array(z.string()), hash: z.array(z.string()) });
export type PersonalChoice = z.infer<typeof personalChoice>;
