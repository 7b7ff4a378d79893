/** Applies the EventBridge rules of a template to events, with the features that lib/notices.ts uses. */

import { z } from 'zod';

export interface RuleEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

const pattern = z.strictObject({
  source: z.array(z.string()),
  'detail-type': z.array(z.string()),
  detail: z.record(z.string(), z.array(z.string())),
});
const target = z.object({
  Arn: z.unknown(),
  InputTransformer: z.strictObject({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() }),
});
const rule = z.object({ EventPattern: pattern, Targets: z.array(target) });
const fields = z.record(z.string(), z.unknown());

/** The inputs that a rule sends to its targets for an event; none if the rule does not match the event. */
export function sentBy(properties: unknown, event: RuleEvent): { to: string; body: unknown }[] {
  const { EventPattern, Targets } = rule.parse(properties);
  if (!isTaken(EventPattern, event)) return [];
  return Targets.map(({ Arn, InputTransformer }) => ({
    to: JSON.stringify(Arn),
    body: JSON.parse(filled(InputTransformer, event)),
  }));
}

function isTaken({ source, 'detail-type': types, detail }: z.infer<typeof pattern>, event: RuleEvent): boolean {
  const own = fields.parse(event.detail);
  return (
    source.includes(event.source) &&
    types.includes(event.detailType) &&
    Object.entries(detail).every(([name, values]) => values.includes(String(own[name])))
  );
}

/** A placeholder by itself becomes JSON. Inside a text its value is put in as it is, without any escaping. */
function filled(
  { InputPathsMap, InputTemplate }: z.infer<typeof target>['InputTransformer'],
  { detail }: RuleEvent,
): string {
  const own = fields.parse(detail);
  const valueOf = (name: string) => own[(InputPathsMap[name] ?? '').replace('$.detail.', '')];
  return InputTemplate.replaceAll(/"(?:[^"\\]|\\.)*"|<([\w-]+)>/g, (token, name: string | undefined) =>
    name === undefined
      ? token.replaceAll(/<([\w-]+)>/g, (_, inner: string) => String(valueOf(inner)))
      : (JSON.stringify(valueOf(name)) ?? '""'),
  );
}
