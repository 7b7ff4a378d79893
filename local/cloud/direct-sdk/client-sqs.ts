import { clientOf, commandOf, DirectException } from './client.ts';

export class SQSServiceException extends DirectException {}

export const ChangeMessageVisibilityCommand = commandOf('ChangeMessageVisibility');
export const GetQueueAttributesCommand = commandOf('GetQueueAttributes');
export const SendMessageBatchCommand = commandOf('SendMessageBatch');
export const SQSClient = clientOf('sqs', (error) => new SQSServiceException(error));
