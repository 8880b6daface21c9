/** Taps on the whole path of real pings through real flanneld. */
import { writeFileSync } from 'node:fs'
import test from 'ava'
import { passed } from '../../../checks/trace/seen/observed-ping.ts'
import { run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { pathOf, seenAt, tappedPing } from '../kernel/path-for-tests.ts'
import { DEFAULT_TUNNEL_PORTS } from './decoding.ts'
import { newProbeIdentity } from './probe-identity.ts'
import { startTaps } from './taps.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** Routers between the two containers, as the TTL shows them: the udp backend's flanneld counts as one more. */
const HOPS: Readonly<Record<LabState['backend'], number>> = { vxlan: 2, 'host-gw': 2, udp: 4 }

for (const backend of ['vxlan', 'host-gw', 'udp'] as const) {
  live(`${backend}: a healthy ping is seen at every stage, there and back`, async (t) => {
    await withLab({ hosts: 2, backend }, async (lab) => {
      const path = pathOf(lab)
      const { answered, reports } = await tappedPing(path)
      t.true(answered)
      t.is(reports.length, backend === 'host-gw' ? 8 : 10)
      const all = path.points.map(({ host, link }) => `${host} ${link}`)
      t.deepEqual(seenAt(reports, 'request'), all)
      t.deepEqual(seenAt(reports, 'reply'), all)
      for (const report of reports) {
        t.is(report.unproven, undefined)
        const [request] = report.sightings
        t.like(request, { source: path.addresses[0], destination: path.addresses[1], sequence: 1 })
        const isUnderlay = report.point.link === 'eth0' && report.point.stage === 'underlay'
        t.is(request?.envelope !== undefined, isUnderlay && backend !== 'host-gw')
      }
      t.is(reports[0]?.sightings[0]?.ttl, 64)
      t.is(reports.at(-1)?.sightings[0]?.ttl, 64 - HOPS[backend])
    })
  })
}

live('a missing FDB entry ends the request at the flannel link', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    const { stdout } = await path.hosts[0].run(['bridge', 'fdb', 'show', 'dev', 'flannel.1'])
    const [entry = ''] = Buffer.from(stdout)
      .toString('utf8')
      .split('\n')
      .filter((line) => / dst /.test(line))
    await path.hosts[0].run(['bridge', 'fdb', 'del', entry.split(' ')[0] ?? '', 'dev', 'flannel.1'])
    const { answered, reports } = await tappedPing(path)
    t.false(answered)
    t.is(seenAt(reports, 'request').at(-1), 'h1 flannel.1')
    t.deepEqual(seenAt(reports, 'reply'), [])
    const underlay = reports.filter(({ point }) => point.stage === 'underlay')
    t.deepEqual(
      underlay.map((report) => passed(report, 'request')),
      [false, false],
    )
  })
})

live('a tap that cannot be had or sees nothing says so and proves nothing', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const { points, hosts } = pathOf(lab)
    const [point] = points
    if (point === undefined) return t.fail('the path has no points')
    await hosts[0].run(['ip', 'link', 'add', 'silent', 'type', 'dummy'])
    const taps = await startTaps(
      ['nowhere', 'silent', '-w', 'docker0'].map((link) => ({ ...point, runner: hosts[0], link })),
      { probes: [newProbeIdentity()], ports: DEFAULT_TUNNEL_PORTS },
    )
    const reports = await taps.stop()
    t.regex(reports[0]?.unproven ?? '', /No such device/)
    t.truthy(reports[1]?.unproven)
    t.is(reports[2]?.unproven, 'not a name of a link')
    t.is(reports[3]?.unproven, undefined)
    t.deepEqual(
      reports.map((report) => passed(report, 'request')),
      [undefined, undefined, undefined, false],
    )
  })
})

live('an abort ends every tap', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const { points } = pathOf(lab)
    const abort = new AbortController()
    const taps = await startTaps(points, { probes: [], ports: DEFAULT_TUNNEL_PORTS }, abort.signal)
    abort.abort()
    const reports = await taps.stop()
    t.true(reports.every(({ unproven }) => unproven !== undefined))
  })
})

live('the proof is a capture that tcpdump reads', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const { reports } = await tappedPing(pathOf(lab))
    const proof = reports.find(({ point }) => point.stage === 'underlay')?.proof
    const file = `${lab.directory}/proof.pcap`
    writeFileSync(file, proof ?? '')
    const { stdout } = await run(['tcpdump', '-n', '-r', file])
    const text = Buffer.from(stdout).toString('utf8')
    t.is(text.match(/192\.0\.2\.1[12]\.\d+ > 192\.0\.2\.1[12]\.8472: .*/g)?.length, 2, text)
  })
})
