/** A report in one of the formats of the command line. */
import type { Report } from '../../reports/report.ts'
import { InputError } from '../input-error.ts'

export interface RenderOptions {
  /** Terminal colours; off unless given. */
  readonly color?: boolean
  /** Columns of text formats; 100 unless given. */
  readonly width?: number
}

/** The text of a report in a format of `flannel-doctor list reporters`. Rejects with InputError for another name. */
export async function render(
  report: Report,
  format: string,
  { color = false, width = 100 }: RenderOptions = {},
): Promise<string> {
  const { REPORTERS } = await import('../../reports/registry.ts')
  const found = Object.hasOwn(REPORTERS, format) ? REPORTERS[format] : undefined
  if (found === undefined) {
    throw new InputError(`format: expected one of ${Object.keys(REPORTERS).join(', ')}`)
  }
  const reporter = await found.load()
  return reporter(report, { color, width })
}
