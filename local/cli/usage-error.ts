/** An error that the user can fix. It is shown as one line, without a stack trace. */
export class UsageError extends Error {
  /** 2: unusable arguments or configuration, or the API could not be asked; 1: the work itself failed. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}
