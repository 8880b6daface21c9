/** `--probe` against real flanneld: what pings show, and which cause is named for their loss. */
import test, { type ExecutionContext } from 'ava'
import type { Observation, PingObservation } from '../../checks/model/observation.ts'
import type { Report } from '../../reports/document/report.ts'
import { netnsRunner } from '../hosts/netns.ts'
import { withLab } from '../lab/build/up.ts'
import { undecidedOf } from '../lab/matrix/matrix-result.ts'
import type { LabOptions } from '../lab/plan/plan.ts'
import { labExec } from '../lab/running/exec.ts'
import { needs } from '../test-needs.ts'
import { pingBatch } from './ping/batch.ts'
import { causes, decided, on, probe } from './probed-lab-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

function pings(report: Report): readonly PingObservation[] {
  return (report.observations as readonly Observation[]).filter((seen) => seen.kind === 'ping')
}

async function healthy(t: ExecutionContext, options: LabOptions, ttl: number): Promise<void> {
  await withLab({ hosts: 3, ...options }, async (lab) => {
    const { report } = await decided(async () => ({ report: await probe(lab) }))
    t.is(report.verdict, 'healthy', causes(report).join('; '))
    t.is(report.run.level, 'probe')
    t.deepEqual(report.notSelected, [])
    t.is(pings(report).length, 6 * 7)
    t.deepEqual(
      pings(report).filter(({ sent, received }) => sent === 0 || received < sent),
      [],
    )
    const answers = pings(report).filter(({ pattern }) => pattern === 'cc')
    t.deepEqual([...new Set(answers.map((ping) => ping.ttl))], [ttl])
    t.true(answers.every(({ rttMs }) => rttMs !== undefined && rttMs.max >= rttMs.min))
  })
}

live('healthy vxlan', (t) => healthy(t, {}, 62))
live('healthy host-gw', (t) => healthy(t, { backend: 'host-gw' }, 62))
live('healthy udp', (t) => healthy(t, { backend: 'udp' }, 60))

live('lost pings have one cause, the one that a fact shows or the place where none does', async (t) => {
  await withLab({ hosts: 3 }, async (lab) => {
    const [, h2, h3] = lab.hosts
    const subnet = h3?.subnet ?? ''

    await on(lab, 'h1', ['ip', 'route', 'del', subnet])
    t.deepEqual(causes(await probe(lab)), [
      'route/peer-subnet:missing h1 h3 > path/route:astray dataplane/overlay-ping:lost',
    ])
    await on(lab, 'h1', [
      'ip',
      'route',
      'add',
      subnet,
      'via',
      subnet.replace(/\/.*/, ''),
      'dev',
      'flannel.1',
      'onlink',
    ])

    await on(lab, 'h2', ['iptables', '-I', 'FORWARD', '-j', 'DROP'])
    t.deepEqual(causes(await probe(lab)), [
      'netfilter/forward:drop-rule h2 - > path/rule:drops dataplane/overlay-ping:containers-lost',
    ])
    await on(lab, 'h2', ['iptables', '-D', 'FORWARD', '-j', 'DROP'])

    const container = h2?.containers[0]?.address ?? ''
    await on(lab, 'h2', ['ip', 'address', 'add', `${container}/32`, 'dev', 'lo'])
    const captured = await probe(lab)
    t.is(captured.causes[0]?.code, 'route/local-address:captured')
    t.true(captured.causes[0]?.explains.some(({ code }) => code === 'dataplane/answer:from-host'))
    t.is(captured.causes.length, 1)
    await on(lab, 'h2', ['ip', 'address', 'del', `${container}/32`, 'dev', 'lo'])

    const eat = (what: string): string =>
      `table netdev eat { chain c { type filter hook ingress device "h2" priority 0; udp dport 8472 ${what} drop; }; }`
    await on(lab, 'switch', ['/usr/sbin/nft', eat('')])
    const underlay = await probe(lab)
    t.deepEqual(causes(underlay), ['dataplane/overlay-ping:lost h2 - >'])
    t.regex(underlay.causes[0]?.message ?? '', /the underlay answers .* nothing passes through the overlay/)
    await on(lab, 'switch', ['/usr/sbin/nft', 'delete table netdev eat'])

    await on(lab, 'switch', ['/usr/sbin/nft', eat('meta length > 1400')])
    const narrow = await probe(lab)
    t.deepEqual(causes(narrow), ['dataplane/path-mtu:too-small h2 - >'])
    t.is(narrow.causes[0]?.observed, '1350 bytes pass, 1351 do not')
    await on(lab, 'switch', ['/usr/sbin/nft', 'delete table netdev eat'])

    const { report: healed } = await decided(async () => ({ report: await probe(lab) }))
    t.is(healed.verdict, 'healthy', JSON.stringify([causes(healed), undecidedOf(healed)]))
  })
})

live('a host that is off the underlay is one cause', async (t) => {
  await withLab({ hosts: 3 }, async (lab) => {
    const drop =
      'table netdev eat { chain c { type filter hook ingress device "h2" priority 0; ip saddr 0.0.0.0/0 drop; }; }'
    await on(lab, 'switch', ['/usr/sbin/nft', drop])
    t.deepEqual(causes(await probe(lab)), ['dataplane/underlay-ping:lost h2 - > dataplane/overlay-ping:lost'])
  })
})

live('what cannot be sent has a reason, and a cancelled batch leaves no ping behind', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const [h1, h2] = lab.hosts
    const runner = netnsRunner('h1', h1?.namespace ?? '')
    const job = { address: h2?.address ?? '', size: 84, count: 1 }
    const { readings } = await pingBatch(runner, [job, { ...job, namespace: '/run/netns/not-there' }])
    t.is(readings[0]?.received, 1)
    t.is(readings[1]?.problem?.why, 'missing')
    const nowhere = await pingBatch(netnsRunner('h1', 'not-there'), [job])
    t.is(nowhere.readings[0]?.problem?.why, 'unreachable')
    const slow = { ...job, address: '192.0.2.250', count: 1000 }
    const cut = await pingBatch(runner, [slow], { signal: AbortSignal.timeout(300) })
    t.is(cut.readings[0]?.problem?.why, 'timed-out')
    const left = await labExec(lab, 'h1', {
      argv: [
        'sh',
        '-c',
        'for p in /proc/[0-9]*; do [ "$p/ns/net" -ef /proc/self/ns/net ] && tr "\\0" " " <$p/cmdline; done; true',
      ],
    })
    t.false(Buffer.from(left.stdout).toString().includes('192.0.2.250'))
  })
})

live('a closed port of the overlay is a symptom of what closes it: a link, a rule', async (t) => {
  await withLab({ hosts: 3 }, async (lab) => {
    await on(lab, 'h2', ['ip', 'link', 'set', 'flannel.1', 'down'])
    const [down, ...others] = (await probe(lab)).causes
    t.is(down?.code, 'link/flannel:down')
    t.true(down?.explains.some(({ code }) => code === 'dataplane/tunnel-port:closed'))
    t.deepEqual(others, [])
    await on(lab, 'h2', ['ip', 'link', 'set', 'flannel.1', 'up'])
  })
  await withLab({ hosts: 3 }, async (lab) => {
    const refuse =
      'table ip r { chain c { type filter hook input priority 0; ip length > 20 udp dport 8472 reject with icmp type host-prohibited; }; }'
    await on(lab, 'h2', ['/usr/sbin/nft', refuse])
    const [refused] = (await probe(lab)).causes
    t.is(refused?.code, 'netfilter/overlay-port:dropped')
    t.true(refused?.explains.some(({ code }) => code === 'dataplane/overlay-ping:lost'))
  })
})
