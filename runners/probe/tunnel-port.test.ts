/** What a datagram to the overlay's port tells, against real sockets, filters and routes. */
import test from 'ava'
import type { PingObservation } from '../../checks/model/observation.ts'
import { netnsRunner } from '../hosts/netns.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import type { LabState } from '../lab/running/state.ts'
import { needs } from '../test-needs.ts'
import type { PlannedPort } from './plan.ts'
import { askPorts, unprovenPorts } from './tunnel-port.ts'
import { parsePort, portScript } from './tunnel-port-script.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

async function sh(lab: LabState, at: number, script: string): Promise<string> {
  const runner = netnsRunner(`h${at + 1}`, lab.hosts[at]?.namespace ?? '')
  const { end, stdout, stderr } = await runner.run(['sh', '-c', script])
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${script}: ${stderr}`)
  return Buffer.from(stdout).toString('utf8')
}

/** What h1 hears from that port of h2, or of another address. */
async function heard(lab: LabState, port: number, address = lab.hosts[1]?.address): Promise<string> {
  const { hosts: targets } = await loadInventory(lab.inventory)
  const planned = { from: { host: 'h1' }, to: { host: 'h2' }, address: address ?? '', port }
  const settings = { targets, concurrency: 4, signal: AbortSignal.timeout(60_000) }
  const { observations } = await askPorts([planned], settings)
  return observations.map(({ state, error, problem }) => `${state ?? problem?.detail}: ${error ?? ''}`).join()
}

/** Bytes, packets, errors, drops, … of what a link received. */
const received = (link: string): string =>
  `sed -n 's/ *${link}: *//p' /proc/net/dev | awk '{print $1, $2, $3, $4, $5, $6}'`
const REJECT = (how: string): string =>
  `nft 'table ip closed { chain in { type filter hook input priority 0; udp dport 8472 ${how}; }; }'`
const OPEN = 'nft delete table ip closed'

live('vxlan: open, dropped, rejected, prohibited, not sent, no link', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const errors = received('flannel.1')
    const before = await sh(lab, 1, errors)
    t.is(await heard(lab, 8472), 'open-or-filtered: ')
    t.is(await sh(lab, 1, errors), before, 'the vxlan link noticed the datagram')

    for (const [how, expected] of [
      ['drop', /^open-or-filtered: $/],
      ['reject with icmp type port-unreachable', /^closed: Connection refused$/],
      ['reject with icmp type host-prohibited', /^prohibited: No route to host$/],
      ['reject with icmp type admin-prohibited', /^prohibited: No route to host$/],
    ] as const) {
      await sh(lab, 1, REJECT(how))
      t.regex(await heard(lab, 8472), expected, how)
      await sh(lab, 1, OPEN)
    }

    await sh(lab, 0, 'ip route add unreachable 203.0.113.7; ip route add prohibit 203.0.113.8')
    t.regex(await heard(lab, 8472, '203.0.113.7'), /^unreachable: No route to host$/)
    t.regex(await heard(lab, 8472, '203.0.113.8'), /^unreachable: Permission denied$/)
    const own = 'table ip own { chain out { type filter hook output priority 0; udp dport 8472 drop; }; }'
    await sh(lab, 0, `nft '${own}'`)
    t.regex(await heard(lab, 8472), /^unreachable: Operation not permitted$/)
    await sh(lab, 0, 'nft delete table ip own')

    await sh(lab, 1, 'ip link set flannel.1 down')
    t.regex(await heard(lab, 8472), /^closed: Connection refused$/)
  })
})

live('udp: flanneld makes no packet of the datagram; without flanneld the port is closed', async (t) => {
  await withLab({ hosts: 2, backend: 'udp' }, async (lab) => {
    const errors = received('flannel0')
    const before = await sh(lab, 1, errors)
    t.is(await heard(lab, 8285), 'open-or-filtered: ')
    t.is(await sh(lab, 1, errors), before, 'something came out of flannel0')
    process.kill(lab.hosts[1]?.flanneldPid ?? 0, 'SIGKILL')
    t.regex(await heard(lab, 8285), /^closed: /)
  })
})

live('a host that cannot be entered says why', async (t) => {
  const targets = [{ name: 'h1', via: 'netns://flannel-doctor-none' }]
  const port: PlannedPort = { from: { host: 'h1' }, to: { host: 'h2' }, address: '192.0.2.1', port: 8472 }
  const settings = { targets, concurrency: 1, signal: AbortSignal.timeout(10_000) }
  const { observations } = await askPorts([port], settings)
  t.is(observations[0]?.problem?.why, 'unreachable')
})

test('only pairs without an answered ping of the overlay are asked', (t) => {
  const ports = [
    ['h1', 'h2'],
    ['h2', 'h1'],
    ['h1', 'h3'],
  ].map(([from = '', to = '']) => ({ from: { host: from }, to: { host: to }, address: '192.0.2.1', port: 1 }))
  const ping = (
    pattern: 'hu' | 'hd',
    ends: readonly [string, string],
    received: number,
  ): PingObservation => ({
    kind: 'ping',
    ...{
      pattern,
      from: { host: ends[0] },
      to: { host: ends[1] },
      address: '192.0.2.1',
      size: 84,
      full: false,
    },
    ...{ sent: 3, received, command: '' },
  })
  const left = unprovenPorts(ports, [
    ping('hd', ['h2', 'h1'], 1),
    ping('hd', ['h1', 'h2'], 0),
    ping('hu', ['h1', 'h3'], 3),
  ])
  t.deepEqual(left, ports.slice(2))
})

test('what bash says beyond the known is no state', (t) => {
  t.is(parsePort('bash: ask: command not found', 127), undefined)
  t.is(parsePort('', 22), undefined)
  t.is(parsePort('bash: read: read error: 3: Connection refused', 22)?.state, 'closed')
  t.is(parsePort('bash: read: read error: 3: Connection refused', undefined), undefined)
})

test('nothing but addresses and ports gets into the script', (t) => {
  t.throws(() => portScript('token', [{ address: '1.2.3.4; reboot', port: 1 }]), { instanceOf: TypeError })
  t.throws(() => portScript('token', [{ address: '1.2.3.4', port: 65_536 }]), { instanceOf: TypeError })
})
