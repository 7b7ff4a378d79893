/** HTML in which every value is escaped. */

import { aboutFolder, commandsApart, typed } from '../runs/commands.ts';

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[] | undefined;

/** Markup with values. Text is escaped; undefined is left out. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, at) => part + textOf(values[at])).join(''));
}

function textOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapedText(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Control characters, and those that change the direction of the text after them. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes a text for HTML. */
function escapedText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '').replaceAll(unprintable, ' ');
}

/** JSON for a script element. Without `<`, nothing in it can end the element. */
export function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}

/** A setting of the configuration in a message, such as `customColumns: { leads: { … } }`. */
const setting = /(\bcustomColumns: \{ .* \})/;

/** What follows something that ends its sentence or clause, or stands before another of its kind. */
const end = /^\s*(?:$|[.,:;](?:\s|$))/;

/**
 * Converts a text to HTML: parts in backticks become code elements. A command of the program, SQL, or a setting to add
 * gets a line of its own, without the punctuation after it, so that it can be copied; in the middle of a sentence, which
 * such a line would cut into pieces, it stays in its line.
 * @param flags with which commands find the folder of a local run, such as ` --local`
 */
export function withCode(text: string, flags: string): Html {
  const parts = text
    .split('`')
    .map((part, at, all) => (at % 2 === 1 ? code(part, flags, all[at + 1]) : copiesIn(part, flags)));
  return new Html(html`${parts}`.text.replaceAll(/(<\/code><\/span>)[.,:;]/g, '$1'));
}

function copiesIn(text: string, flags: string): Html {
  return html`${text.split(setting).map((part, at) => (at % 2 === 1 ? code(part, flags) : commandsIn(part, flags)))}`;
}

function commandsIn(text: string, flags: string): Html {
  return html`${commandsApart(aboutFolder(text, flags)).map((part, at) => (at % 2 === 1 ? code(part, flags) : html`${part}`))}`;
}

/** @param after the text that follows */
function code(text: string, flags: string, after = ''): Html {
  const inside = html`<code>${typed(text, flags)}</code>`;
  return /^(npx|SELECT|customColumns:) /.test(text) && end.test(after)
    ? html`<span class="command">${inside}</span>`
    : inside;
}
