import { z } from 'zod';

/** A whole number between two inclusive bounds. */
export const wholeNumber = (low: number, high: number) =>
  z
    .int(`has to be a whole number from ${low} to ${high}`)
    .min(low, `has to be ${low} or more`)
    .max(high, `has to be ${high} or less`);
