/** Forwarding databases of bridges and vxlan links: `bridge fdb show`. */
import { parseMac } from '../../../checks/model/address.ts'
import type { FdbEntry } from '../../../checks/model/fdb.ts'
import { present } from '../../../checks/model/present.ts'
import { numberField, type Row, textField, textLines, wordAfter, wordsField } from '../section/rows.ts'
import { parseSharedTable } from '../section/rows-parsed-once.ts'
import type { FactCollector } from '../section/section.ts'

const STATES = new Set(['permanent', 'static', 'stale', 'reachable'])
const FLAGS = new Set(['self', 'router', 'extern_learn', 'offload', 'sticky', 'locked', 'blackhole'])

function entryFromRow(row: Row): readonly FdbEntry[] {
  if (textField(row, 'mac') === undefined) return []
  return [
    present({
      mac: parseMac(textField(row, 'mac') ?? '') ?? '',
      link: textField(row, 'ifname') ?? textField(row, 'dev') ?? '',
      destination: textField(row, 'dst'),
      port: numberField(row, 'port'),
      vni: numberField(row, 'vni'),
      via: textField(row, 'viaIf'),
      nexthop: numberField(row, 'nhid'),
      flags: wordsField(row, 'flags'),
      state: textField(row, 'state') ?? '',
      master: textField(row, 'master'),
    }),
  ]
}

function entryFromLine(line: string): FdbEntry {
  const words = line.trim().split(/\s+/)
  const after = (name: string): string | undefined => wordAfter(words, name)
  const numberAfter = (name: string): number | undefined => {
    const text = after(name)
    return text === undefined ? undefined : Number(text)
  }
  const mac = parseMac(words[0] ?? '')
  if (mac === undefined) throw new Error(`not a line of bridge fdb: ${line.slice(0, 80)}`)
  return present({
    mac,
    link: after('dev') ?? '',
    destination: after('dst'),
    port: numberAfter('port'),
    vni: numberAfter('vni'),
    via: after('via'),
    nexthop: numberAfter('nhid'),
    flags: words.filter((word) => FLAGS.has(word)),
    state: words.find((word) => STATES.has(word)) ?? '',
    master: after('master'),
  })
}

export const fdb: FactCollector<'fdb'> = {
  fact: 'fdb',
  command: 'bridge fdb show',
  script: () => 'bridge -j fdb show 2>/dev/null || bridge fdb show',
  parse: ({ stdout }) => ({
    value: parseSharedTable(stdout)?.entries(entryFromRow) ?? textLines(stdout).map(entryFromLine),
  }),
}
