import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { propertiesOf, type Templates, templatesOf, text } from '../templates.ts';

const { pipeline } = templatesOf({ dashboard: true });

describe('the dashboard', () => {
  const body = z.object({
    widgets: z.array(
      z.object({
        type: z.string(),
        x: z.number(),
        y: z.number(),
        width: z.number(),
        height: z.number(),
        properties: z.looseObject({ title: z.string(), metrics: z.array(z.unknown()).default([]) }),
      }),
    ),
  });
  const dashboardOf = (template: Templates['pipeline']) => {
    const [made] = propertiesOf(template, 'AWS::CloudWatch::Dashboard', z.object({ DashboardBody: text })).values();
    return body.parse(JSON.parse(made?.DashboardBody ?? '')).widgets;
  };

  it('exists only if it is configured', () => {
    templatesOf().pipeline.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it('is valid JSON, in which no widgets overlap', () => {
    const widgets = dashboardOf(pipeline);
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });

  it('shows the alarms, each table, API requests against the limit, and costs', () => {
    const shown = JSON.stringify(dashboardOf(templatesOf({ dashboard: true, requestsPerMinute: 321 }).pipeline));
    const limit = JSON.stringify({ horizontal: [{ value: 321, label: 'limit', yAxis: 'left' }] });
    expect(shown).toContain(limit);
    for (const title of ['Alarms', 'Rows and requests by table', 'Freshness by table', 'Cost: GiB-seconds'])
      expect(shown).toContain(title);
    expect(shown).toContain('rowsWritten');
  });

  it.each([
    ['as it comes', {}],
    [
      'with its own key, and exports that are loaded',
      {
        kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555',
        exports: { source: { bucket: 'exports', prefix: 'pb2b/' } },
      },
    ],
    ['without webhooks', { webhooks: { enabled: false } }],
  ])('%s has at most the 50 metrics that AWS does not charge for', (_, config) => {
    const lines = dashboardOf(templatesOf({ dashboard: true, ...config }).pipeline).flatMap(
      ({ properties }) => properties.metrics,
    );
    const searches = lines.filter((line) => JSON.stringify(line).includes('SEARCH('));
    // Each search finds three metrics of Athena, one for each state of a query: succeeded, failed and cancelled.
    expect(searches).toEqual([[expect.objectContaining({ expression: expect.stringContaining('QueryType="DML"') })]]);
    expect(lines.length + 3 * searches.length).toBeLessThanOrEqual(50);
    expect(lines.length).toBeGreaterThan(30);
  });
});
