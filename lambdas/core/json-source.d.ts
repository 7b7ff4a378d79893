/** JSON.parse source text access (ES2026, in Node 24), which TypeScript 7.0 does not declare yet. */
interface JSON {
  parse(text: string, reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
