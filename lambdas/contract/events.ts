/** Source and types of the events that the functions emit. */
export const eventSource = 'prospect-lake';
export const eventTypes = {
  runPublished: 'Run Published',
  exportReady: 'Export Ready',
  exportFailed: 'Export Failed',
  /** An export lacks more leads than the guard against mass deletion allows. Nothing was deleted. */
  deletionStopped: 'Deletion Stopped',
  /** The API gives fields that it did not give before, no longer gives some, or gives them with another type. */
  schemaChanged: 'Schema Changed',
  /** A person must act on a {@link Problem}. */
  needsAttention: 'Needs Attention',
} as const;
export type EventName = keyof typeof eventTypes;
