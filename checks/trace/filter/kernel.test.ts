/** The walk against the kernel: the same rules, real packets, the same verdicts. */
import anyTest, { type TestFn } from 'ava'
import { iptables } from '../../../runners/collect/facts/iptables.ts'
import { iptablesLegacy } from '../../../runners/collect/facts/iptables-legacy.ts'
import { nftables } from '../../../runners/collect/facts/nftables.ts'
import {
  CONTAINER,
  must,
  type PacketRig,
  PEER,
  packetRig,
  SERVICE_PORT,
} from '../../../runners/lab/packet-rig-for-tests.ts'
import { needs } from '../../../runners/test-needs.ts'
import { parseAddress } from '../../model/address.ts'
import { type FilterFacts, readFilters } from './host-filters.ts'
import { RULE_SETS, type RuleSet } from './kernel-rules-for-tests.ts'
import { KUBERNETES_RULE_SETS } from './kubernetes-rules-for-tests.ts'
import type { Packet } from './packet.ts'
import { verdictAt } from './verdict.ts'
import { forwardVerdict } from './verdicts-for-tests.ts'

const test = anyTest as TestFn<PacketRig>
const LINKS = { peer: 'flannel.1', container: 'docker0' }
const ENDS = { peer: PEER.address, container: CONTAINER.address }
/** Policies back to ACCEPT and nothing else, in every table the legacy world has used. */
const EMPTY_LEGACY = '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n'

async function apply({ router }: PacketRig, { iptables: nft, legacy, nft: native }: RuleSet): Promise<void> {
  await must(router, ['nft', 'flush', 'ruleset'])
  await must(router, ['iptables-legacy-restore'], EMPTY_LEGACY)
  if (nft) await must(router, ['iptables-restore'], `${[...nft, 'COMMIT'].join('\n')}\n`)
  if (legacy) await must(router, ['iptables-legacy-restore'], `${[...legacy, 'COMMIT'].join('\n')}\n`)
  if (native) await must(router, ['nft', '-f', '-'], native)
}

/** The facts as the collectors would give them. */
async function collected({ router }: PacketRig): Promise<FilterFacts> {
  const fact = async (collector: typeof iptables | typeof iptablesLegacy | typeof nftables) => {
    const stdout = await must(router, ['sh', '-c', collector.script({} as never)])
    const parsed = collector.parse({ stdout, stderr: '', exit: 0 } as never)
    if (!('value' in parsed)) throw new Error(`${collector.fact} was not parsed`)
    const from = { host: 'router', section: collector.fact, command: collector.command }
    return { known: true, value: parsed.value, from }
  }
  return {
    iptables: await fact(iptables),
    iptablesLegacy: await fact(iptablesLegacy),
    nftables: await fact(nftables),
  } as FilterFacts
}

type Side = 'peer' | 'container'
const other = (side: Side): Side => (side === 'peer' ? 'container' : 'peer')

function packetOf(from: Side, ports: readonly [number, number], state: Packet['state']): Packet {
  return {
    source: parseAddress(ENDS[from]) as number,
    destination: parseAddress(ENDS[other(from)]) as number,
    protocol: 'udp',
    sourcePort: ports[0],
    destinationPort: ports[1],
    inLink: LINKS[from],
    outLink: LINKS[other(from)],
    state,
    localAddresses: new Set(['10.1.5.1', '10.1.2.1'].map((text) => parseAddress(text) as number)),
  }
}

/** What the walk says of a packet from arrival to departure. */
function walked(facts: FilterFacts, packet: Packet): string {
  const { tables } = readFilters(facts)
  const { outLink: _, ...arriving } = packet
  const first = verdictAt(tables, 'prerouting', { packet: arriving, mark: 0 })
  const { verdict } = first.verdict === 'accept' ? forwardVerdict(tables, packet) : first
  return verdict === 'reject' ? 'drop' : verdict
}

const SERVICE_TEXT = '10.96.0.10'
const SERVICE_ADDRESS = parseAddress(SERVICE_TEXT) as number

const seen = (arrived: boolean): string => (arrived ? 'accept' : 'drop')

/** What the walk makes of a packet for a service that the other end answers for. */
function walkedByService(facts: FilterFacts, packet: Packet): string {
  const { tables } = readFilters(facts)
  const { outLink: _, ...arriving } = packet
  const { destination } = packet
  const asked = {
    ...arriving,
    destination: SERVICE_ADDRESS,
    chosen: { address: destination, port: SERVICE_PORT },
  }
  const { verdict, mark, translation } = verdictAt(tables, 'prerouting', { packet: asked, mark: 0 })
  if (verdict !== 'accept') return verdict
  if (translation?.translate?.address !== destination || !translation.certain) return 'drop'
  const left = verdictAt(tables, 'forward', { packet: { ...packet, isRedirected: true }, mark })
  return left.verdict === 'reject' ? 'drop' : left.verdict
}

needs(
  test,
  'root',
  'netns',
)('services of Kubernetes are given to their endpoints as the kernel does it', async (t) => {
  const rig = await packetRig()
  t.teardown(rig.close)
  let sourcePort = 45_000
  for (const rules of KUBERNETES_RULE_SETS) {
    await apply(rig, rules)
    const facts = await collected(rig)
    for (const by of [undefined, SERVICE_TEXT]) {
      sourcePort += 1
      const asked = packetOf('peer', [sourcePort, SERVICE_PORT], 'NEW')
      const { request } = await rig.probe('peer', sourcePort, by)
      const told = by === undefined ? walked(facts, asked) : walkedByService(facts, asked)
      t.is(told, seen(request), `${rules.name}: ${by ?? 'the endpoint itself'}`)
      t.is(seen(request), by === undefined ? rules.direct : rules.service, `${rules.name}: the kernel`)
    }
  }
})

needs(
  test,
  'root',
  'netns',
)('the walk agrees with the kernel on every rule set', async (t) => {
  const rig = await packetRig()
  t.teardown(rig.close)
  let sourcePort = 40_000
  for (const rules of RULE_SETS) {
    await apply(rig, rules)
    const facts = await collected(rig)
    for (const from of ['peer', 'container'] as const) {
      sourcePort += 1
      const { request, reply } = await rig.probe(from, sourcePort)
      const asked = packetOf(from, [sourcePort, SERVICE_PORT], 'NEW')
      t.is(walked(facts, asked), seen(request), `${rules.name}: new from ${from}`)
      if (!request) continue
      const answered = packetOf(other(from), [SERVICE_PORT, sourcePort], 'ESTABLISHED')
      t.is(walked(facts, answered), seen(reply), `${rules.name}: reply to ${from}`)
    }
  }
  t.log(`${RULE_SETS.length} rule sets`)
})
