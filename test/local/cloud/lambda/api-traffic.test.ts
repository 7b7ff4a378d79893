import { expect, it } from 'vitest';
import { retryMessages } from '../../../../lambdas/contract/retry-log.ts';
import { ApiTraffic } from '../../../../local/cloud/lambda/api-traffic.ts';

const start = new Date('2026-11-24T02:00:00Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
const retried = (reason: string, seconds: number) =>
  JSON.stringify({ message: retryMessages.request, reason, wait: seconds * 1_000 });

it('a short wait beside a long one does not hide until when the run is held up', () => {
  const traffic = new ApiTraffic();
  traffic.addLine(retried('leads: the API answered 429', 40), after(0));
  traffic.addLine(retried('tasks: the API answered 503', 1), after(5));
  expect(traffic.lastRetry).toMatchObject({ reason: 'leads: the API answered 429', until: after(40) });
});

it('a wait that is over gives way to the next one, and a shorter one to a longer one', () => {
  const traffic = new ApiTraffic();
  traffic.addLine(retried('leads: the API answered 429', 4), after(0));
  traffic.addLine(retried('tasks: the API answered 503', 1), after(5));
  expect(traffic.lastRetry).toMatchObject({ reason: 'tasks: the API answered 503', until: after(6) });
  traffic.addLine(retried('jobs: the API answered 429', 30), after(5));
  expect(traffic.lastRetry).toMatchObject({ reason: 'jobs: the API answered 429', until: after(35) });
});
