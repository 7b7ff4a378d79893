import { it } from 'vitest';
import { exported } from '../support/cloud-workloads.ts';
import { tryCloudPoints } from './try-cloud-points.ts';

it('an export loses, doubles and misreports nothing, at whichever call a process is killed', () =>
  tryCloudPoints(exported));
