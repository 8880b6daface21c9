/** `trace` sends large packets too: a loss of those alone is named, with its place. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { pcapReader } from '../../probe/capture/pcap-reader.ts'
import { needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'
import { lastSeen, type namespaceOf, sh, traced } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** Header of a frame, bytes (IEEE 802.3). */
const ETHERNET = 14

/** Lengths of a capture's frames as they were on the link, bytes. */
function lengthsIn(path: string): readonly number[] {
  const lengths: number[] = []
  const reader = pcapReader(({ wireLength }) => lengths.push(wireLength))
  reader.push(readFileSync(path))
  reader.end()
  return lengths
}

interface Loss {
  readonly loss: string
  readonly at: Parameters<typeof namespaceOf>[1]
  readonly script: string
  readonly mend: string
  readonly ends: string
  readonly lastSeen: string | undefined
  readonly says: RegExp
}

const LOSSES: readonly Loss[] = [
  {
    loss: 'an underlay that eats large packets of the tunnel',
    at: 'switch',
    script: `nft 'table bridge eat { chain c { type filter hook forward priority 0; udp dport 8472 udp length > 800 drop; }; }'`,
    mend: 'nft delete table bridge eat',
    ends: 'lost-on-underlay',
    lastSeen: 'h1 eth0',
    says: /^small packets arrive, those of 1450 bytes do not: .* seen on h1 eth0 and never on h2 eth0/,
  },
  {
    loss: 'a filter of large packets on the receiving host',
    at: 'h2',
    script: `nft 'table ip big { chain c { type filter hook forward priority 0; ip length > 800 drop; }; }'`,
    mend: 'nft delete table ip big',
    ends: 'filtered',
    lastSeen: 'h2 flannel.1',
    says: /last seen on h2 flannel\.1/,
  },
  {
    loss: 'a smaller MTU on the way, which its host says',
    at: 'h1',
    script: 'ip link set flannel.1 mtu 1300',
    mend: 'ip link set flannel.1 mtu 1450',
    ends: 'too-big',
    lastSeen: undefined,
    says: /was not sent: the kernel of h1\/h1c1 itself refuses more than 1300 bytes, the MTU it knows: .*1450 bytes do not fit flannel\.1, MTU 1300/,
  },
]

async function findsLargeLoss(
  t: ExecutionContext,
  lab: LabState,
  { loss, ends, lastSeen: last, says }: Loss,
): Promise<void> {
  const { exit, report, request, reply } = await traced(t, lab)
  t.is(exit, 1, loss)
  t.is(request.ends, 'delivered', loss)
  t.is(reply?.ends, 'delivered', loss)
  t.true(request.ping.size < 300, loss)
  t.is(request.ping.received, 2, loss)
  t.is(request.fullPing?.size, 1450, loss)
  t.is(request.fullPing?.received, 0, loss)
  const [, , large] = report.traces
  t.is(report.traces.length, 3, loss)
  t.is(large?.ping.size, 1450, loss)
  t.is(large?.ends, ends as never, loss)
  t.is(large && lastSeen(large), last, loss)
  t.regex(large?.says ?? '', says, loss)
}

live('large packets alone, or those of one size, are lost: found where it is', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    await sh(
      lab,
      'h2',
      "nft 'table ip plain { chain c { type filter hook forward priority 0; ip length 84 drop; }; }'",
    )
    const { exit, report, request } = await traced(t, lab)
    t.is(exit, 1)
    t.is(request.ends, 'delivered')
    const plain = report.traces.find(({ ends }) => ends !== 'delivered')
    t.is(plain?.ping.size, 84)
    t.regex(
      plain?.says ?? '',
      /^packets of \d+ bytes arrive, those of 84 do not: .*last seen on h2 flannel\.1/,
    )
    await sh(lab, 'h2', 'nft delete table ip plain')
    // The smaller MTU is the last: what the container has learned of it stays for ten minutes.
    for (const one of LOSSES) {
      await sh(lab, one.at, one.script)
      await findsLargeLoss(t, lab, one)
      await sh(lab, one.at, one.mend)
    }
  })
})

live('where both sizes arrive both are said, and a size that is asked for is the only one', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const { report, request } = await traced(t, lab)
    t.is(report.traces.length, 2)
    t.is(request.fullPing?.received, 2)
    const ends = ['h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory]
    const { stdout } = await doctorHere('trace', ...ends)
    t.regex(stdout, /2 of 2 pings of \d{2,3} bytes answered.*\n.*2 of 2 pings of 1450 bytes answered/)
    const asked = await traced(t, lab, '--size', '900')
    t.is(asked.request.ping.size, 900)
    t.is(asked.request.fullPing, undefined)
    const fromHost = await doctorHere('trace', 'h1', 'h2/h2c1', '--inventory', lab.inventory)
    t.regex(fromHost.stdout, /2 of 2 pings of 1450 bytes answered/)

    // Captures of both sizes are kept where both were followed.
    await sh(
      lab,
      'h2',
      `nft 'table ip big { chain c { type filter hook forward priority 0; ip length > 800 drop; }; }'`,
    )
    const saved = join(lab.directory, 'saved')
    const lost = await traced(t, lab, '--save', saved)
    t.is(lost.report.traces.length, 3)
    const names = readdirSync(join(saved, 'captures'))
    const large = names.filter((name) => name.endsWith('_1450-bytes.pcap'))
    const small = names.filter((name) => !large.includes(name))
    t.is(small.length, 10)
    const longest = (name: string): number => Math.max(...lengthsIn(join(saved, 'captures', name)))
    // Beyond the rule a tap may see ARP alone: the kernel asks anew for a neighbour that it has used.
    t.is(large.filter((name) => longest(name) >= 1450).length, 7)
    t.is(longest('h1_flannel.1_1450-bytes.pcap'), ETHERNET + 1450)
    t.is(longest('h1_flannel.1.pcap'), ETHERNET + (lost.report.traces[0]?.ping.size ?? 0))
  })
})
