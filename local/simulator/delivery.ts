/** Makes one attempt to deliver a webhook event. */

interface Attempt {
  /** Null if no answer came. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly snippet: string | null;
  readonly error: string | null;
}

const snippetLength = 200;

/** Whether an address is on this machine. The simulator sends to no other, whatever address a test registers. */
function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (
    /^https?:$/.test(protocol) &&
    (/^127(\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]' || hostname === 'localhost')
  );
}

export async function deliver(
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMilliseconds: number,
): Promise<Attempt> {
  if (!isLoopback(address)) return failed('The simulator delivers to loopback addresses only.');
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      snippet: text.slice(0, snippetLength),
      error: answer.ok ? null : `The endpoint answered ${answer.status}.`,
    };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return failed(timedOut ? 'The endpoint did not answer in time.' : 'The endpoint could not be reached.');
  }
}

function failed(error: string): Attempt {
  return { status: null, headers: {}, snippet: null, error };
}
