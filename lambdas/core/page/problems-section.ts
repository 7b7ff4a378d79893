import type { ProblemName } from '../../contract/problems.ts';
import type { RunStatus } from '../../contract/run-status.ts';
import { causesOf, causeText } from '../runs/causes.ts';
import { changeTexts } from '../runs/change-texts.ts';
import { columnsNote, columnsToAdd } from '../runs/columns-to-add.ts';
import { confirmOutcome } from '../runs/confirm-outcome.ts';
import { commandsApart } from '../runs/commands.ts';
import { foldedList } from '../runs/folded-list.ts';
import { runError } from '../runs/run-error.ts';
import { number } from '../runs/counted.ts';
import { solvedByPerson } from '../runs/solved-text.ts';
import { standingUnfit } from '../runs/standing-unfit.ts';
import { tableNotes } from '../runs/table-notes.ts';
import { type Advice, adviceOn, inShort, sentences } from './advice.ts';
import { time } from './format.ts';
import { limitNotes, settingNotes } from '../runs/report-problems.ts';
import { html, type Html, withCode } from './html.ts';
import type { PageContext } from './page-context.ts';
import type { ListedRun, PageState } from './page-state.ts';
import { standingProblems } from './standing-problems.ts';
import runbook from './runbook.json' with { type: 'json' };

const changesShown = 10;
/** Problems whose message names only the codes of the errors, because it may leave the account. */
const spelled: ReadonlySet<ProblemName> = new Set(['RunFailed', 'RunPartial']);
const severe: ReadonlySet<ProblemName> = new Set(['RunFailed', 'KeyRefused']);
/**
 * The order of the cards: what stops everything, then what waits for a decision of a person, then what tables lack, then
 * what their rows lack.
 */
const byWeight: readonly ProblemName[] = [
  'KeyRefused',
  'RunFailed',
  'ScopeMissing',
  'DeletionsHeld',
  'ForgottenStillGiven',
  'RunPartial',
  'TableStale',
  'DeadLetters',
  'RowsRejected',
  'ValuesDoNotFit',
  'RowsHealed',
];

/** Section with the problems that need a person, each with advice, and with notes that need no action. */
export function problemsSection(state: PageState, context: PageContext): Html {
  const { localFlags, notice } = context;
  const note = runbookNote(localFlags);
  const problems = standingProblems(state).toSorted(
    (one, other) => byWeight.indexOf(one.problem) - byWeight.indexOf(other.problem),
  );
  const notes = notesOf(state, context, new Set(problems.map(({ problem }) => problem)));
  const articles = problems.map(({ problem, message, run, tables }) => {
    const spelt = spelled.has(problem) ? causes(state, run.runId, tables, context) : undefined;
    // The codes after the colon say less than the list.
    const advice = adviceOn({ problem, tables }, run, context);
    const words = spelt ? message.replace(/: .*$/, ':') : withoutAdvice(message, advice.act);
    const what = html`<p>${withCode(words, localFlags)}</p>${spelt}`;
    return article(problem, advice, what, whenFound(run), localFlags);
  });
  const none = html`<p class="calm">Nothing needs you.</p>`;
  return html`<section id="problems" aria-labelledby="problems-title"><h2 id="problems-title">Problems</h2>
${missingRun(articles.length > 0 ? undefined : note, localFlags)}
${notice && html`<p>${withCode(notice.text, localFlags)}</p>`}
${articles.length > 0 || notice ? articles : none}
${articles.length > 0 ? note : undefined}
${notes.length > 0 ? html`<h3>Worth knowing</h3><ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : undefined}
</section>`;
}

/** The error messages of a problem's tables, which the problem itself only names by their codes. */
function causes(
  { lastNight }: PageState,
  runId: string,
  tables: readonly string[],
  { streams, localFlags }: PageContext,
): Html | undefined {
  if (lastNight?.report.runId !== runId || runError(lastNight.report)) return undefined;
  const found = causesOf(lastNight.report, streams).filter(({ tables: [first = ''] }) => tables.includes(first));
  return html`<ul class="notes">${found.map((cause) => html`<li>${cause.tables.join(', ')}: ${withCode(causeText(cause), localFlags)}</li>`)}</ul>`;
}

/** The page is written when a run ends. If the next nightly run does not end, the page's script shows this text. */
function missingRun(note: Html | undefined, flags: string): Html {
  const { RunMissing: advice } = runbook;
  const shown = article('RunMissing', advice, html``, html``, flags);
  return html`<div id="run-missing" hidden>${shown}${note}</div>`;
}

/** Number of words with which a sentence of a message begins if the advice below has the same one. */
const wordsAlike = 5;

/** The message without the sentences that the advice below it repeats: their command, or their beginning. */
function withoutAdvice(message: string, act: string): string {
  const isRepeated = (sentence: string) =>
    commandsApart(sentence).some((part, at) => at % 2 === 1 && act.includes(part)) ||
    act.toLowerCase().includes(sentence.split(' ', wordsAlike).join(' ').toLowerCase());
  return sentences(message)
    .filter((sentence) => !isRepeated(sentence))
    .join(' ');
}

function article(name: ProblemName, advice: Advice, what: Html, when: Html, flags: string): Html {
  const { means, act, more, look } = inShort(advice, flags !== '');
  const status: RunStatus = severe.has(name) ? 'failed' : 'partial';
  return html`<article class="problem ${status}"><h3><svg class="icon" aria-hidden="true"><use href="#${status}"/></svg>${wordsOf(name)}</h3>
${what}
<p><strong>Means:</strong> ${withCode(means, flags)}</p>
<p><strong>Do:</strong> ${withCode(act, flags)}</p>
<details><summary>${more === '' ? 'Where to look' : 'More, and where to look'}</summary>${more === '' ? undefined : html`<p>${withCode(more, flags)}</p>`}<p>${withCode(look, flags)}</p></details>
<p class="source">${when} See ${name} in the runbook.</p></article>`;
}

function whenFound({ runId, finishedAt }: ListedRun): Html {
  return html`Found ${time(finishedAt)} by <span class="id">${runId}</span>.`;
}

function runbookNote(flags: string): Html {
  const local =
    flags === ''
      ? ''
      : ' This is a local run. The logs of the functions are in `.cloud/logs` of the folder. Ask SQL with `npx prospect-lake query`';
  return html`<p class="source">${withCode(`The runbook is docs/runbook.md of Prospect Lake.${local}`, flags)}</p>`;
}

/** Converts `ScopeMissing` to `Scope missing`. */
function wordsOf(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function notesOf(
  { lastNight, runs }: PageState,
  { streams, localFlags }: PageContext,
  problems: ReadonlySet<ProblemName>,
): Html[] {
  if (!lastNight) return [];
  const { report, confirmed } = lastNight;
  const tables = Object.entries(report.tables);
  const named = (of: (table: (typeof tables)[number][1]) => number) =>
    foldedList(tables.flatMap(([name, table]) => (of(table) > 0 ? [`${name} ${number(of(table))}`] : [])));
  const healed = named(({ rowsHealed }) => rowsHealed);
  const suspected = named(({ rowsSuspected }) => rowsSuspected);
  const { schemaChanges = [] } = report;
  const { texts, more } = changeTexts(schemaChanges, changesShown);
  const columns = columnsToAdd({ schemaChanges, unfitColumns: standingUnfit(runs) }, streams);
  const solved = solvedByPerson(report);
  const failedItems = named(({ itemsFailed }) => itemsFailed);
  return [
    ...limitNotes(report).map((text) => html`${text}`),
    ...(solved === '' ? [] : [html`Solved since, because work was sent again or deletions were approved: ${solved}.`]),
    ...(healed === '' || problems.has('RowsHealed')
      ? []
      : [html`Changes that only rereading found: ${healed}. The tables are right again.`]),
    ...(suspected === '' || report.confirmRunId === undefined || confirmed
      ? []
      : [
          html`Rows that the API did not give: ${suspected}. The run ${report.confirmRunId} asks again before they are deleted.`,
        ]),
    ...(confirmed ? confirmOutcome(report, confirmed, streams).map((text) => html`${withCode(text, localFlags)}`) : []),
    ...(failedItems === ''
      ? []
      : [
          html`Parents or ids for which these tables could not be read, although they could for others: ${failedItems}. The next night asks for them again.`,
        ]),
    ...tableNotes(report).map((text) => html`${withCode(text, localFlags)}`),
    ...texts.map((text) => html`${withCode(text, localFlags)}`),
    ...(more > 0
      ? [html`${number(more)} other changes of fields: the table <code>schema_changes</code> has all.`]
      : []),
    ...settingNotes(report).map((text) => html`${withCode(text, localFlags)}`),
    ...(columns ? [withCode(columnsNote(columns), localFlags)] : []),
  ];
}
