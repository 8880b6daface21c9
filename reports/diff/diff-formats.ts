/** Every form of a diff by name: the same names as those of a report. */

import type { Canvas } from '../layout/canvas.ts'
import { printableJson } from '../layout/printable.ts'
import { diffJunit, diffTap } from './diff-cases.ts'
import { diffGithub, diffNagios, diffOpenmetrics } from './diff-figures.ts'
import { diffHtml } from './diff-html.ts'
import { diffSarif } from './diff-sarif.ts'
import { diffMarkdown, diffText, type ReportDiff } from './report-diff.ts'

export const DIFF_FORMATS: Readonly<Record<string, (diff: ReportDiff, canvas: Canvas) => string>> = {
  text: diffText,
  json: (diff) => printableJson(diff),
  junit: diffJunit,
  tap: diffTap,
  sarif: diffSarif,
  markdown: diffMarkdown,
  html: diffHtml,
  nagios: diffNagios,
  openmetrics: diffOpenmetrics,
  github: diffGithub,
}
