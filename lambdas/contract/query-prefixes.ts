/** Prefixes of the bucket that Athena writes to. No function reads or writes there. */

/** Results of queries. They are deleted after seven days, and so is any table that a query creates there. */
export const queryResultsPrefix = 'athena-results/';
/** Tables that people create, for example with dbt. The pipeline never deletes them. */
export const modelsPrefix = 'models/';
/** Results of the queries that create tables under {@link modelsPrefix}. */
export const modelsResultsPrefix = 'models-results/';
