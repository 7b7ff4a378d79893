/** A local run has no catalog, so it never calls Glue. This spares it loading the SDK's client. */

import { commandOf, DirectException } from './client.ts';

export class AlreadyExistsException extends DirectException {}
export class ConcurrentModificationException extends DirectException {}
export class EntityNotFoundException extends DirectException {}

export const CreateTableCommand = commandOf('CreateTable');
export const GetTableCommand = commandOf('GetTable');
export const UpdateTableCommand = commandOf('UpdateTable');

export class GlueClient {
  async send(): Promise<never> {
    throw new Error('The embedded cloud has no Glue.');
  }
}
