/** A share of failed or missing items says something about the API only if at least this many were requested. */
export const minItemsForShare = 20;
