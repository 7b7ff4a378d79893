import { runSeconds } from '../runs/duration-text.ts';
import { number } from '../runs/counted.ts';
import { duration, time } from './format.ts';
import { html, type Html } from './html.ts';
import type { ListedRun, PageState } from './page-state.ts';
import { statusMark } from './status-mark.ts';

const shown = 10;

/** The markup that only a page has which lists the run. */
export const listedRunId = (runId: string): Html => html`<small class="id">${runId}</small>`;

export function runsSection({ runs }: PageState): Html {
  const [recent, older] = [runs.slice(0, shown), runs.slice(shown)];
  return html`<section id="runs" aria-labelledby="runs-title"><h2 id="runs-title">Last runs</h2>
${runsTable(recent, 'The last runs, newest first')}
${older.length > 0 ? html`<details><summary>${number(older.length)} older runs</summary>${runsTable(older, 'Older runs')}</details>` : undefined}
</section>`;
}

function runsTable(runs: readonly ListedRun[], caption: string): Html {
  const heads = ['Rows read', 'Changed', 'Deleted', 'Healed', 'Rejected', 'Requests'];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">Run</th><th scope="col">Status</th><th scope="col" class="n">Took</th>${heads.map((head) => html`<th scope="col" class="n">${head}</th>`)}</tr></thead>
<tbody>${runs.map(row)}</tbody></table></div>`;
}

function row(run: ListedRun): Html {
  const counts = [run.rows, run.changed, run.deleted, run.healed, run.rejected, run.requests];
  return html`<tr><th scope="row">${time(run.startedAt)}${listedRunId(run.runId)}</th><td>${statusMark(run.status)}</td><td class="n">${duration(runSeconds(run))}</td>${counts.map((count) => html`<td class="n">${count === 0 ? html`<span class="nil">0</span>` : number(count)}</td>`)}</tr>
`;
}
