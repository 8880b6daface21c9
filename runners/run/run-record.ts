/** The `run` part of a report. */
import type { Report } from '../../reports/document/report.ts'
import { maskedWords } from '../mask-accounts.ts'
import { ownVersion } from '../version.ts'

/** Tool, version, time and argv of this run; `startedAt` in milliseconds since 1970. */
export function runRecord(
  startedAt: number,
  more: Partial<Pick<Report['run'], 'recorded' | 'interrupted' | 'level' | 'concurrency'>> = {},
): Report['run'] {
  return {
    tool: 'flannel-doctor',
    version: ownVersion(),
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    level: 'read-only',
    argv: maskedWords(process.argv.slice(2)),
    ...more,
  }
}
