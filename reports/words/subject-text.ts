/** Whom a finding is about, in one line. */
import type { FindingRef, ReportSubject } from '../document/report.ts'

/** `h1 → h2  route 10.5.1.0/24`; empty for the network as a whole. */
export function subjectText({ host, peer, object }: ReportSubject): string {
  const hosts = peer === undefined ? (host ?? '') : `${host ?? ''} → ${peer}`
  return [hosts, object ?? ''].filter((part) => part !== '').join('  ')
}

/** A code and whom it is about. */
export function codeText({ code, subject }: FindingRef, between = '  '): string {
  return [code, subjectText(subject)].filter((part) => part !== '').join(between)
}

/** `1 host`, `2 hosts`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
