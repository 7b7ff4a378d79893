import { it } from 'vitest';
import { oneNight } from '../support/cloud-workloads.ts';
import { tryCloudPoints } from './try-cloud-points.ts';

it('a nightly run loses, doubles and misreports nothing, at whichever call a process is killed', () =>
  tryCloudPoints(oneNight));
