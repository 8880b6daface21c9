/** The `run` part of a report. */
import { readFileSync } from 'node:fs'
import type { Report } from '../../reports/report.ts'
import { maskedWords } from '../mask-accounts.ts'

/** Tool, version, time and argv of this run; `startedAt` in milliseconds since 1970. */
export function runRecord(
  startedAt: number,
  more: Partial<Pick<Report['run'], 'recorded' | 'interrupted' | 'level'>> = {},
): Report['run'] {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return {
    tool: 'flannel-doctor',
    version,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    level: 'read-only',
    argv: maskedWords(process.argv.slice(2)),
    ...more,
  }
}
