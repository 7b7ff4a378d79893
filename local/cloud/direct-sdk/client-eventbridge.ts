import { clientOf, commandOf, DirectException } from './client.ts';

export class EventBridgeServiceException extends DirectException {}

export const PutEventsCommand = commandOf('PutEvents');
export const EventBridgeClient = clientOf('events', (error) => new EventBridgeServiceException(error));
