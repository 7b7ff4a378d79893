import { z } from 'zod';
import { isAddressable } from '../core/rows/row-ids.ts';

/** An id in an answer of the API. A number is converted to text. */
export const apiId = z.union([z.string(), z.int().transform(String)]).refine(isAddressable);
