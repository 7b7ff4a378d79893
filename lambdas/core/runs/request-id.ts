/** The vendor's id of a request, as it may be shown: null unless it looks like an id, because the vendor may send any text. */
export function shownRequestId(requestId: string | null): string | null {
  return requestId !== null && /^[\w-]{1,100}$/.test(requestId) ? requestId : null;
}

/** A sentence to follow the message of an error: a person names the id in a ticket with the vendor. */
export function requestIdText(requestId: string | null): string {
  const shown = shownRequestId(requestId);
  return shown === null ? '' : ` The vendor’s request id: ${shown}.`;
}
