/** Many hosts in few words: `200 hosts: n1-n200`. */
import type { ReportSubject } from '../document/report.ts'
import { plural } from './subject-text.ts'

/** Names or ranges that are written out; the rest is counted. */
const SHOWN = 8

interface Numbered {
  readonly prefix: string
  readonly digits: string
  readonly suffix: string
}

/** The last number in a name; undefined for a name without one, or with one that is no counter. */
function numbered(name: string): Numbered | undefined {
  const [, prefix = '', digits, suffix = ''] = /^(.*?)(\d{1,9})(\D*)$/s.exec(name) ?? []
  return digits === undefined ? undefined : { prefix, digits, suffix }
}

interface Run {
  readonly first: string
  last: string
  count: number
}

/** True when `name` is the one that follows `run`, in numbers of the same form. */
function isNext(run: Run, name: string): boolean {
  const before = numbered(run.last)
  const after = numbered(name)
  if (before === undefined || after === undefined) return false
  const isSameForm =
    before.prefix === after.prefix &&
    before.suffix === after.suffix &&
    (after.digits.length === before.digits.length || !/^0/.test(before.digits + after.digits))
  return isSameForm && Number(after.digits) === Number(before.digits) + 1
}

function runsOf(names: readonly string[]): readonly Run[] {
  const order = new Intl.Collator('en', { numeric: true })
  const runs: Run[] = []
  for (const name of [...new Set(names)].sort(order.compare)) {
    const run = runs.at(-1)
    if (run !== undefined && isNext(run, name)) {
      run.last = name
      run.count += 1
    } else {
      runs.push({ first: name, last: name, count: 1 })
    }
  }
  return runs
}

/** Names with those that count on drawn together: `n1-n200, x`. */
export function hostRange(names: readonly string[]): string {
  const words = runsOf(names).flatMap(({ first, last, count }) => {
    if (count === 1) return [{ text: first, count }]
    return count === 2
      ? [
          { text: first, count: 1 },
          { text: last, count: 1 },
        ]
      : [{ text: `${first}-${last}`, count }]
  })
  const rest = words.slice(SHOWN).reduce((sum, { count }) => sum + count, 0)
  const shown = words.slice(0, SHOWN).map(({ text }) => text)
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`
}

/** `3 hosts: h1-h3`; a single one is only named. */
export function hostsText(names: readonly string[]): string {
  const unique = [...new Set(names)]
  return unique.length === 1 ? (unique[0] ?? '') : `${plural(unique.length, 'host')}: ${hostRange(unique)}`
}

/** Where the same was found: hosts, pairs of hosts, or objects of one host. */
export function placesText(subjects: readonly ReportSubject[]): string {
  const hosts = subjects.flatMap(({ host }) => (host === undefined ? [] : [host]))
  const peers = subjects.flatMap(({ peer }) => (peer === undefined ? [] : [peer]))
  const objects = [...new Set(subjects.flatMap(({ object }) => (object === undefined ? [] : [object])))]
  const unique = new Set(hosts)
  const pairs = new Set(subjects.map(({ host = '', peer = '' }) => `${host}\0${peer}`))
  if (peers.length > 0) return `${plural(pairs.size, 'pair')}: ${hostRange(hosts)} → ${hostRange(peers)}`
  if (unique.size > 1) return hostsText(hosts)
  const where = hosts[0] === undefined ? '' : `${hosts[0]}: `
  const rest = objects.length - SHOWN
  return `${where}${objects.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
