/** Neighbour entries of every state: `ip neigh show nud all`. */
import { parseMac } from '../../../checks/model/address.ts'
import type { Neighbour } from '../../../checks/model/neighbour.ts'
import { present } from '../../../checks/model/present.ts'
import { type Row, textField, textLines, wordsField } from '../section/rows.ts'
import { oncePerRow, parseSharedRows } from '../section/rows-parsed-once.ts'
import type { FactCollector } from '../section/section.ts'

const STATES = new Set([
  'PERMANENT',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'INCOMPLETE',
  'FAILED',
  'NOARP',
  'NONE',
])

const neighbourFromRow = oncePerRow(
  (row): Neighbour =>
    present({
      address: textField(row, 'dst') ?? '',
      link: textField(row, 'dev') ?? '',
      mac: parseMac(textField(row, 'lladdr') ?? ''),
      states: wordsField(row, 'state'),
    }),
)

function neighbourFromLine(line: string): Neighbour {
  const [, address = '', link = '', tail = ''] = /^([0-9a-fA-F:.]+) dev (\S+)(.*)$/.exec(line) ?? []
  if (link === '') throw new Error(`not a line of ip neigh: ${line.slice(0, 80)}`)
  return present({
    address,
    link,
    mac: parseMac(/ lladdr (\S+)/.exec(tail)?.[1] ?? ''),
    states: tail.split(/\s+/).filter((word) => STATES.has(word)),
  })
}

/** Entries of JSON rows. */
export function neighboursFromRows(rows: readonly Row[]): readonly Neighbour[] {
  return rows.filter((row) => textField(row, 'dst') !== undefined).map(neighbourFromRow)
}

export const neighbours: FactCollector<'neighbours'> = {
  fact: 'neighbours',
  command: 'ip neigh show nud all',
  script: () => 'ip -j neigh show nud all 2>/dev/null || ip neigh show nud all 2>/dev/null || ip neigh show',
  parse: ({ stdout }) => {
    const rows = parseSharedRows(stdout)
    return { value: rows ? neighboursFromRows(rows) : textLines(stdout).map(neighbourFromLine) }
  },
}
