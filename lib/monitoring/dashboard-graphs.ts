/** Building blocks for the graphs of the dashboard. */

import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IMetric, type IWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** The resource that one line of a graph shows. */
export interface GraphTarget {
  readonly id: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Width of a graph: half of the page. */
export const width = 12;
export const sum = 'Sum';

export function graph(title: string, left: IMetric[], more: { limit?: number; unit?: string } = {}): IWidget {
  const { limit, unit } = more;
  return new GraphWidget({
    title,
    width,
    left,
    leftYAxis: { min: 0, ...(unit ? { label: unit, showUnits: false } : {}) },
    ...(limit === undefined ? {} : { leftAnnotations: [{ value: limit, label: 'limit' }] }),
  });
}

export function metric(
  namespace: string,
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
  options: { statistic: string; period?: Duration; label?: string },
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap: { ...dimensions }, ...options });
}

export function each(
  targets: readonly GraphTarget[],
  namespace: string,
  metricName: string,
  statistic: string,
  period = Duration.minutes(5),
): Metric[] {
  return targets.map(({ id, dimensions }) =>
    metric(namespace, metricName, dimensions, { statistic, period, label: id }),
  );
}
