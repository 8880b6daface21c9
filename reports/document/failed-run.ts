/** A run that ended without a report: what the formats of pipelines and monitors say then. */

export interface FailedRun {
  readonly version: string
  readonly startedAt: string
  /** Why, in one line. */
  readonly message: string
}

export type FailedRunReporter = (run: FailedRun) => string
