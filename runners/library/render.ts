/** A report in one of the formats of the command line. */
import type { Report } from '../../reports/document/report.ts'
import { InputError } from '../input-error.ts'
import { withPlugins } from './with-plugins.ts'

/** For whom a report is rendered. */
export interface RenderOptions {
  /** Terminal colours; off unless given. */
  readonly color?: boolean
  /** Columns of text formats; 100 unless given. */
  readonly width?: number
  /** Plugins that bring the format, as in `checkNetwork`. */
  readonly plugins?: readonly string[]
}

/** The text of a report in a format of `flannel-doctor list reporters`. Rejects with InputError for another name. */
export async function render(
  report: Report,
  format: string,
  { color = false, width = 100, plugins = [] }: RenderOptions = {},
): Promise<string> {
  const { REPORTERS } = await import('../../reports/registry.ts')
  return withPlugins(plugins, async ({ reporters }) => {
    const formats = { ...REPORTERS, ...reporters }
    const found = Object.hasOwn(formats, format) ? formats[format] : undefined
    if (found === undefined) {
      throw new InputError(`format: expected one of ${Object.keys(formats).join(', ')}`)
    }
    const reporter = await found.load()
    return reporter(report, { color, width })
  })
}
