import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics as PowertoolsMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Log, Metrics } from '../core/ports.ts';

/** Creates a log whose structured lines each have `fields`. */
export function createLog(logger: Logger, fields: Record<string, unknown>): Log {
  const child = logger.createChild({ persistentKeys: fields });
  return {
    info: (message, more = {}) => child.info(message, unreserved(more)),
    warn: (message, more = {}) => child.warn(message, unreserved(more)),
    error: (message, more = {}) => child.error(message, unreserved(more)),
  };
}

/** The logger drops a field called `message`. In a failure that field says what to do, so it is logged as `reason`. */
function unreserved({ message, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return message === undefined ? fields : { ...fields, reason: message };
}

/** CloudWatch metrics as log lines (EMF), each written at once. */
export function createMetrics(metrics: PowertoolsMetrics): Metrics {
  return {
    count(name, value, dimensions = {}) {
      const single = metrics.singleMetric();
      for (const [dimension, of] of Object.entries(dimensions)) single.addDimension(dimension, of);
      single.addMetric(name, MetricUnit.Count, value);
    },
  };
}
