/** The run that tests put above what they judge: nothing in it changes from one test run to the next. */
import type { Report } from './document/report.ts'

export const RUN: Report['run'] = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
  level: 'read-only',
  argv: [],
}
