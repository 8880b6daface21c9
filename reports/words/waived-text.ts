/** What somebody has accepted, in the words of every format. */
import type { Report, ReportFinding } from '../document/report.ts'
import { codeText } from './subject-text.ts'

type Waived = Pick<ReportFinding, 'message'> & { readonly waived?: ReportFinding['waived'] }

/** `waived until 2026-12-31: REASON: MESSAGE` */
export function waivedText({ message, waived }: Waived): string {
  const until = waived?.until === undefined ? '' : ` until ${waived.until}`
  return `waived${until}: ${waived?.reason ?? ''}: ${message}`
}

/** One sentence per cause that was accepted, then one per waiver that does nothing. */
export function waivedLines({ waived = [], waivers = [] }: Report): readonly string[] {
  const idle = waivers.flatMap(({ state, code, subject = {}, reason, until }) => {
    const what = `the waiver of ${codeText({ code, subject })}`
    if (state === 'expired') return [`${what} expired on ${until}, it counts again (${reason})`]
    return state === 'unused' ? [`${what} fits nothing that was found (${reason})`] : []
  })
  const shown = waived.map((cause) => {
    const explains = cause.explains.length === 0 ? '' : `, with ${cause.explains.length} that it explains`
    return `${waivedText(cause)} (${codeText(cause)}${explains})`
  })
  return [...shown, ...idle]
}
