import type { RunStatus } from '../../contract/run-status.ts';
import { html, type Html } from './html.ts';

/** A status as a shape and a word, so that a reader need not tell colours apart. */
export function statusMark(status: RunStatus): Html {
  return html`<span class="status ${status}"><svg class="icon" aria-hidden="true"><use href="#${status}"/></svg>${status}</span>`;
}

/** The shapes: a tick in a circle, a triangle, a cross in an octagon. */
export const statusShapes = html`<svg width="0" height="0" class="shapes" aria-hidden="true"><symbol id="complete" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.5" fill="currentColor"/><path d="M4.5 8.4 7 10.8 11.6 5.6" fill="none" stroke="var(--paper)" stroke-width="1.8"/></symbol><symbol id="partial" viewBox="0 0 16 16"><path d="M8 .8 15.6 15H.4Z" fill="currentColor"/><path d="M8 6v4.4M8 11.8v1.6" stroke="var(--paper)" stroke-width="1.8"/></symbol><symbol id="failed" viewBox="0 0 16 16"><path d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z" fill="currentColor"/><path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" stroke="var(--paper)" stroke-width="1.8"/></symbol></svg>`;
