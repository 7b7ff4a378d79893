const checkMilliseconds = 500;

/**
 * Ends this process as SIGTERM does once the process that started it is gone. npm and npx start a program through a
 * shell. If they are killed, they end the shell but not the program, which would keep its port or its folder.
 */
export function endWithNpm(): void {
  if (process.env['npm_command'] === undefined) return;
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    process.kill(process.pid, 'SIGTERM');
  }, checkMilliseconds).unref();
}
