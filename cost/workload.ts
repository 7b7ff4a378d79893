/** The workload that the design is costed on. */
export const workload = {
  /** Leads of the simulated workspace; every other table grows with them. */
  leads: 20_000,
  /** Webhook deliveries a day, each of a lead that changed, over the hours of a working day. */
  webhooksPerDay: 200,
  workingHoursPerDay: 12,
  /** Athena queries a day. Each reads the largest table whole, as the view of its current state does. */
  athenaQueriesPerDay: 20,
  /** Age of the tables at which storage and queries are counted: they grow with each night. */
  monthsOfHistory: 12,
} as const;

/** Of an average month. */
export const daysPerMonth = 30.4;
export const hoursPerMonth = 730;

/** What is known of the services and not measured here. */
export const assumptions = {
  /**
   * Lambda waits for messages with five receives at once on each queue, 20 seconds each, also where none come.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   */
  pollersPerMapping: 5,
  /** Receives at once on a queue whose mapping has no maximum concurrency, while little comes. */
  fewestPollers: 2,
  pollSeconds: 20,
  /** Bytes of what Lambda itself writes about an invocation, as JSON: its start and its report. */
  platformLogBytes: 900,
  /** Bytes of one request in the bucket's access log, and in the log of the webhook's address. */
  accessLogBytes: 600,
  /** Memory at which Lambda gives a function one whole processor, which is what a process here has. */
  oneProcessorMiB: 1_769,
  /** The longest wait between two looks at a run, in first waits: core/publish/publish-run.ts. */
  slowestCheck: 10,
  /** Requests to Glue by one query: the view, the table below it, and the database. */
  glueRequestsPerQuery: 4,
  /**
   * Requests to S3 by one query for a file. Trino reads one below 3 MB whole, in a single request; that
   * Athena's does as well is not documented.
   * @see https://github.com/trinodb/trino/issues/19127
   */
  s3ReadsPerFile: 1,
  /** The least that Athena bills for a query. */
  athenaLeastBytes: 10_000_000,
  /** Alarm mails a month. */
  alarmMails: 10,
} as const;

/**
 * Requests that one invocation of extract makes before its time is over, at the default limit of the API:
 * some 275 of its 300 seconds, at two seconds a request (60 a minute for two functions).
 */
export const requestsPerInvocation = 137;

/** Leads of the small workload that the check measures anew. */
export const smallLeads = 40;
