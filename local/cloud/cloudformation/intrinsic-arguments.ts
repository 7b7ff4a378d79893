import { z } from 'zod';

/** What each intrinsic function of CloudFormation takes. */

export const jsonObject = z.record(z.string(), z.unknown());
export const joinArguments = z.tuple([z.string(), z.unknown()]);
export const selectArguments = z.tuple([z.coerce.number().int(), z.unknown()]);
export const splitArguments = z.tuple([z.string(), z.unknown()]);
export const ifArguments = z.tuple([z.string(), z.unknown(), z.unknown()]);
export const subArguments = z.union([
  z.string().transform((text) => ({ text, values: {} as Record<string, unknown> })),
  z.tuple([z.string(), jsonObject]).transform(([text, values]) => ({ text, values })),
]);
export const attributeArguments = z.union([
  z
    .string()
    .transform((text) => ({ id: text.slice(0, text.indexOf('.')), attribute: text.slice(text.indexOf('.') + 1) })),
  z.tuple([z.string(), z.string()]).transform(([id, attribute]) => ({ id, attribute })),
]);
export const stackOutputArguments = z.object({ StackName: z.unknown(), OutputName: z.unknown() });
