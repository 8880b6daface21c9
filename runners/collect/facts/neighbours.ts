/** Neighbour entries of every state: `ip neigh show nud all`. */
import { parseMac } from '../../../checks/model/address.ts'
import type { Neighbour } from '../../../checks/model/neighbour.ts'
import { present } from '../../../checks/model/present.ts'
import { type Row, textField, textLines, wordsField } from '../section/rows.ts'
import { parseSharedTable } from '../section/rows-parsed-once.ts'
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

function neighbourFromRow(row: Row): readonly Neighbour[] {
  const address = textField(row, 'dst')
  if (address === undefined) return []
  return [
    present({
      address,
      link: textField(row, 'dev') ?? '',
      mac: parseMac(textField(row, 'lladdr') ?? ''),
      states: wordsField(row, 'state'),
    }),
  ]
}

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
  return rows.flatMap(neighbourFromRow)
}

export const neighbours: FactCollector<'neighbours'> = {
  fact: 'neighbours',
  command: 'ip neigh show nud all',
  script: () => 'ip -j neigh show nud all 2>/dev/null || ip neigh show nud all 2>/dev/null || ip neigh show',
  parse: ({ stdout }) => ({
    value: parseSharedTable(stdout)?.entries(neighbourFromRow) ?? textLines(stdout).map(neighbourFromLine),
  }),
}
