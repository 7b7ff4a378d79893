/** Prefixes of the bucket that Athena writes to; no function reads or writes there. */

/** Results of queries. They are deleted after a few days, and so is a table that somebody makes in that workgroup. */
export const queryResultsPrefix = 'athena-results/';
/** Tables that people make, as dbt does. Nothing here deletes them. */
export const modelsPrefix = 'models/';
/** Results of the queries that make those tables. */
export const modelsResultsPrefix = 'models-results/';
