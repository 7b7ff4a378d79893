import type { Server } from 'node:http';

/**
 * Lets a server listen on 127.0.0.1.
 * @param port 0: any free port
 * @returns the port
 * @throws the system's error if the port is not available
 */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server listens on no port.');
  return address.port;
}

/** Stops a server at once, and closes the connections that clients keep open. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
