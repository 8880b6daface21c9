/**
 * Containers of this host, seen from inside their network namespaces: those the inventory
 * names, the running ones of Docker, or, where there is neither, the namespaces that hold
 * the other end of a veth that is a port of one of this host's bridges, or that nothing of the host uses.
 */

import { formatAddress } from '../../../checks/model/address.ts'
import type { Container, ContainerLink } from '../../../checks/model/container-bridge.ts'
import { present } from '../../../checks/model/present.ts'
import { oneLine } from '../section/absence.ts'
import { parseRows, type Row, textField, textLines } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'
import { addressesFromRows } from './addresses.ts'
import { containerNetwork } from './container-network.ts'
import { containersScript, MOST_CONTAINERS } from './containers-script.ts'
import { linksFromRows } from './links.ts'
import { routesFromRows } from './routes.ts'

interface Block {
  readonly name: string
  readonly fields: Map<string, string>
  readonly lines: string[]
}

const FIELD = /^(container|found|pid|namespace|exit|more)=(.*)$/

/** A line of a container's block: a field that comes first, or what was read inside. */
function readBlockLine(block: Block, line: string): void {
  const [, key, value] = FIELD.exec(line) ?? []
  if (key !== undefined && value !== undefined && !block.fields.has(key)) block.fields.set(key, value)
  else block.lines.push(line)
}

/** One block per container; without any, one without a name that holds the count. */
function readBlocks(text: string): readonly Block[] {
  const blocks: Block[] = []
  let block: Block = { name: '', fields: new Map(), lines: [] }
  for (const line of textLines(text)) {
    const name = /^container=(.*)$/.exec(line)?.[1]
    if (name === undefined) readBlockLine(block, line)
    else {
      block = { name, fields: new Map(), lines: [] }
      blocks.push(block)
    }
  }
  if (blocks.length === 0) blocks.push(block)
  return blocks
}

/** Containers come and go: what nsenter says of one that ended after it was listed. */
const GONE = /cannot open .*: No such file or directory/

const NOTHING = { links: [], addresses: [] } as const

function containerLinks(rows: readonly Row[]): readonly ContainerLink[] {
  const queues = new Map(rows.map((row) => [textField(row, 'ifname'), textField(row, 'qdisc')]))
  return linksFromRows(rows)
    .filter(({ flags }) => !flags.includes('LOOPBACK'))
    .map(({ name, mtu, mac, flags, peerIndex }) => {
      const qdisc = queues.get(name)
      return present({ name, mtu, mac, flags, peerIndex, qdisc: qdisc === 'noqueue' ? undefined : qdisc })
    })
}

/** What the namespace says of itself; throws Error on text that cannot be read. */
function inside(lines: readonly string[]): Omit<Container, 'name' | 'foundBy'> {
  const [links = [], ...lists] = lines
    .filter((line) => line.startsWith('['))
    .map((line) => parseRows(line) ?? [])
  const [routes = []] = lists
  const gateway = routesFromRows(routes).find(
    ({ destination, gateway, table }) =>
      table === 'main' && destination.length === 0 && gateway !== undefined,
  )?.gateway
  const found = containerLinks(links)
  const names = new Set(found.map(({ name }) => name))
  return present({
    links: found,
    addresses: addressesFromRows(links).filter(({ link }) => names.has(link)),
    gateway: gateway === undefined ? undefined : formatAddress(gateway),
    network: containerNetwork(lines, lists),
  })
}

function foundBy(text: string | undefined): Container['foundBy'] {
  return text === 'docker' || text === 'proc' ? text : 'inventory'
}

function container(block: Block): Container {
  const pid = Number(block.fields.get('pid') || Number.NaN)
  const base = present({
    name: block.name,
    foundBy: foundBy(block.fields.get('found')),
    pid: Number.isSafeInteger(pid) ? pid : undefined,
    namespace: block.fields.get('namespace') || undefined,
  })
  const { lines } = block
  if (!lines.some((line) => line.startsWith('['))) {
    const said = oneLine(lines.join(' '))
    const problem =
      said === '' ? `entering it ended with exit ${block.fields.get('exit') ?? 'unknown'}` : said
    const isGone = base.foundBy !== 'inventory' && GONE.test(problem)
    return { ...base, ...NOTHING, problem, ...(isGone && { isGone: true as const }) }
  }
  try {
    return { ...base, ...inside(lines) }
  } catch (error) {
    // What is inside is the container's own: it hides itself, not its neighbours.
    return { ...base, ...NOTHING, problem: `what it shows cannot be read: ${oneLine(String(error))}` }
  }
}

function parse(text: string): readonly Container[] {
  const blocks = readBlocks(text)
  const more = Number(blocks.at(-1)?.fields.get('more') ?? 0)
  const read = blocks.filter(({ name }) => name !== '').map(container)
  if (!(more > 0)) return read
  const problem = `only the first ${MOST_CONTAINERS} containers of a host are read`
  return [...read, { name: `${more} more`, foundBy: 'docker', ...NOTHING, problem }]
}

export const containers: FactCollector<'containers'> = {
  fact: 'containers',
  command: 'nsenter --net=/run/netns/NAME ip addr show',
  script: containersScript,
  parse: ({ stdout }) => ({ value: parse(stdout) }),
}
