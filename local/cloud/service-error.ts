/** An error that an AWS service answers: a code, such as `ResourceNotFoundException`, and a message. */
export class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
  }
}
