import { z } from 'zod';
import { unlimitedRate } from '../../lambdas/contract/unlimited-rate.ts';

/** A whole number between two inclusive bounds. */
export const wholeNumber = (low: number, high: number) =>
  z
    .int(`has to be a whole number from ${low} to ${high}`)
    .min(low, `has to be ${low} or more`)
    .max(high, `has to be ${high} or less`);

/** Bounds of `requestsPerMinute`. Below two, the functions that share it could not each send a request in a minute. */
export const requestsPerMinuteBounds = { least: 2, most: unlimitedRate } as const;
