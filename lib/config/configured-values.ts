import type { EnvironmentName } from '../../lambdas/contract/environment.ts';
import { refreshConcurrency } from '../queue-limits.ts';
import type { WorkspaceConfig } from './workspace-config.ts';

/** Environment variables whose values come from the configuration. */
export function configuredValues(config: WorkspaceConfig) {
  return {
    WORKSPACE: config.name,
    API_BASE_URL: config.apiBaseUrl,
    STREAMS: config.streams === 'all' ? 'all' : config.streams.join(','),
    START_DATE: config.startDate ?? '',
    LOOKBACK_HOURS: String(config.reading.lookbackHours),
    REREAD_DAYS: String(config.reading.rereadDays),
    CHILD_REREAD_DAYS: String(config.reading.childRereadDays),
    SETTLED_DAYS: String(config.reading.settledDays),
    IN_FLIGHT: String(config.inFlight),
    CONFIRM_AFTER_SECONDS: String(config.deletions.confirmAfterMinutes * 60),
    SNAPSHOT_DAYS: String(config.retention.snapshotDays),
    RUN_DEADLINE_HOURS: String(config.runDeadlineHours),
    PAGE_SIZE: String(config.pageSize),
    REQUESTS_PER_MINUTE: String(config.requestsPerMinute),
    EXTRACT_CONCURRENCY: String(config.concurrency),
    REFRESH_CONCURRENCY: String(config.webhooks.enabled ? refreshConcurrency : 0),
    CUSTOM_COLUMNS: JSON.stringify(config.customColumns),
    PERSONAL_DATA: JSON.stringify(config.personalData),
    EXPORT_SOURCE: config.exports.source ? JSON.stringify(config.exports.source) : '',
    EXPORT_FIRST_POLL_SECONDS: String(config.exports.firstPollSeconds),
    EXPORT_SLOWEST_POLL_SECONDS: String(config.exports.slowestPollSeconds),
    EXPORT_DEADLINE_HOURS: String(config.exports.deadlineHours),
    PREVIOUS_SECRET_HOURS: String(config.webhooks.previousSecretHours),
    MAX_DELETED_SHARE: String(config.deletions.maxDeletedShare),
  } satisfies Partial<Record<EnvironmentName, string>>;
}
