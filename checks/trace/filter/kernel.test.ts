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

const seen = (arrived: boolean): string => (arrived ? 'accept' : 'drop')

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
