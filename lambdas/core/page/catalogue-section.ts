import { metaColumns } from '../../contract/meta-columns.ts';
import { currentTableOf, historyName, type Stream, type Table } from '../../contract/stream.ts';
import type { Columns } from '../../contract/column-types.ts';
import type { PageContext } from './page-context.ts';
import { counted } from '../runs/counted.ts';
import { figure } from './figure.ts';
import { html, type Html } from './html.ts';
import { joinPaths, joinsOf } from './joins.ts';

/** Section with all tables, their columns, personal data and joins, as the streams declare them. */
export function catalogueSection({ streams, ownTables }: PageContext): Html {
  const domains = [...new Set(streams.map(({ domain }) => domain))].toSorted();
  return html`<section id="catalogue" aria-labelledby="catalogue-title"><h2 id="catalogue-title">Catalogue</h2>
<p>Each table exists twice: <code>leads</code> has the current rows, <code>leads_history</code> every version that was read. Besides its own columns each table has these, <code>_deleted_at</code> only with every version:</p>
<div class="scroll" tabindex="0" role="region" aria-label="Columns of every table">${columnsTable('Columns of every table', metaColumns, [])}</div>
${joinsFigure(streams)}
${domains.map((domain) => html`<h3>${domain}</h3>${streams.filter((stream) => stream.domain === domain).map((stream) => streamEntry(stream, streams))}`)}
<h3>Of the pipeline itself</h3>${ownTables.map(ownEntry)}
</section>`;
}

function streamEntry(stream: Stream, streams: readonly Stream[]): Html {
  const columns = withoutMeta(currentTableOf(stream).columns);
  const personal = Object.values(columns).filter((column) => column.personal).length;
  const joins = joinsOf(stream, streams);
  return html`<details class="table" id="t-${stream.name}"><summary><b>${stream.name}</b> <span>${stream.description}</span>${personal > 0 ? html` <span class="personal">${counted(personal, 'personal column')}</span>` : undefined}</summary>
<p><code>GET ${stream.path}</code>${stream.detail ? html`, and <code>GET ${stream.detail.path}</code> once a row` : undefined}. Scope <code>${stream.scope}</code>. Every version: <code>${historyName(stream)}</code>.${joins.map(({ column, table }) => html` Joins <a href="#t-${table}">${table}</a>: <code>${stream.name}.${column} = ${table}.id</code>.`)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Columns of ${stream.name}">${columnsTable(`Columns of ${stream.name}`, columns, stream.key)}</div></details>
`;
}

function ownEntry(table: Table): Html {
  return html`<details class="table" id="t-${table.name}"><summary><b>${table.name}</b> <span>${table.description}</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="Columns of ${table.name}">${columnsTable(`Columns of ${table.name}`, table.columns, table.key)}</div></details>
`;
}

function withoutMeta(columns: Columns): Columns {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !(name in metaColumns)));
}

function columnsTable(caption: string, columns: Columns, key: readonly string[]): Html {
  const rows = Object.entries(columns).map(([name, { type, description, personal }]) => {
    const marks = [
      ...(key.includes(name) ? [html`<span class="key">key</span>`] : []),
      ...(personal ? [html`<span class="personal">personal: ${personal}</span>`] : []),
    ];
    return html`<tr><th scope="row"><code>${breakable(name)}</code></th><td>${type}</td><td>${description} ${marks}</td></tr>`;
  });
  return html`<table><caption class="hidden">${caption}</caption><thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** A name that may be broken after an underscore between two words, and nowhere else. */
function breakable(name: string): Html {
  return html`${name.split(/(?<=[^_]_)/).map((part, at) => (at === 0 ? html`${part}` : html`<wbr>${part}`))}`;
}

function joinsFigure(streams: readonly Stream[]): Html {
  const drawn = new Set(joinPaths(streams).map((path) => path.slice(path.lastIndexOf('/') + 1)));
  const alone = streams.filter(({ name }) => !drawn.has(name)).map(({ name }) => name);
  const rows = streams.flatMap((stream) =>
    joinsOf(stream, streams).map(({ column, table }) => [stream.name, table, `${stream.name}.${column} = ${table}.id`]),
  );
  return figure({
    chart: 'joins',
    title: 'How the tables join',
    lead: html`<p>A table stands right of the table that its rows belong to. By themselves: ${alone.join(', ')}.</p>`,
    alternative: { caption: 'How the tables join', heads: ['Table', 'Belongs to', 'Join'], rows, none: 'None joins.' },
  });
}
