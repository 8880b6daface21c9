/** The report for a terminal: at any scale, width, colour and script, and whatever hosts are called. */
import test from 'ava'
import stringWidth from 'string-width'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { judge } from '../../runners/run/judging/judge.ts'
import type { Report } from '../document/report.ts'
import { fullReport, HOSTILE, hostileReports, PLAIN, reportOf, withTexts } from '../reports-for-tests.ts'
import { RUN } from '../run-for-tests.ts'
import { actsAt } from '../words/acts-at.ts'
import { hostRange, placesText } from '../words/host-names.ts'
import { text } from './text.ts'

/** One fault on every host of a large network. */
function everywhere(hosts: number): Report {
  let cluster = buildCluster({ hosts, backend: 'vxlan' })
  for (const name of [...cluster.hosts.keys()])
    cluster = withHost(cluster, name, ({ sysctls }) => ({
      sysctls: new Map(sysctls).set('net.ipv4.ip_forward', '0'),
    }))
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  return judge(cluster, { run: RUN, commands: [] }, settings)
}

test('one fault on all of 200 hosts is one block of at most 40 lines', (t) => {
  const lines = text(everywhere(200), PLAIN).trimEnd().split('\n')
  t.true(lines.length <= 40, lines.join('\n'))
  t.true(lines.some((line) => line.includes('200 hosts: h1-h200')))
  t.is(lines.filter((line) => /^\d+\. /.test(line)).length, 1, lines.join('\n'))
})

test('200 hosts that do not answer are one line', async (t) => {
  const report = await reportOf('v0.28.9-vxlan')
  const facts = { known: [], absent: [] }
  const hosts = Array.from({ length: 200 }, (_, at) => {
    const name = `n${at + 1}`
    const problem = `connect to host ${name} (192.0.2.${at}) port 22: timed out`
    return { name: `${name}.lan`, via: `ssh://root@${name}:22`, reachable: false, problem, facts }
  })
  const rendered = text({ ...report, verdict: 'undecided', results: [], hosts }, PLAIN)
  t.is(rendered.match(/timed out/g)?.length, 1, rendered)
  t.regex(rendered, /200 hosts: n1\.lan-n200\.lan: connect to host HOST \(ADDRESS\) port 22: timed out/)
})

test('no line stands twice', async (t) => {
  for (const state of ['v0.20.0-vxlan-missed-lease', 'v0.10.0-vxlan-docker', 'v0.28.9-vxlan']) {
    const lines = text(await reportOf(state), PLAIN)
      .split('\n')
      .filter((line) => line.trim() !== '')
    t.deepEqual(lines, [...new Set(lines)], state)
  }
})

test('names count on: ranges, gaps, leading zeros, names without numbers', (t) => {
  t.is(hostRange(['h10', 'h2', 'h1', 'h3', 'x']), 'h1-h3, h10, x')
  t.is(hostRange(['n1', 'n2']), 'n1, n2')
  t.is(hostRange(['n08', 'n09', 'n10', 'n1']), 'n1, n08-n10')
  t.is(hostRange(['a1.example', 'a2.example', 'a3.example', 'a4.other']), 'a1.example-a3.example, a4.other')
  t.is(
    hostRange(Array.from({ length: 20 }, (_, at) => `h${at * 2}`)),
    'h0, h2, h4, h6, h8, h10, h12, h14 and 12 more',
  )
  t.is(
    placesText([
      { host: 'h1', peer: 'h2' },
      { host: 'h2', peer: 'h1' },
    ]),
    '2 pairs: h1, h2 → h1, h2',
  )
  t.is(placesText([{ object: 'lease 10.5.1.0/24' }]), 'lease 10.5.1.0/24')
})

test('the place on the way is that of the layer, where the backend has it', (t) => {
  t.is(
    actsAt('fdb/peer-vtep:missing', { backend: 'vxlan', api: 'v3' }),
    'container → bridge → filters → route → neighbour → [FDB] → tunnel → underlay',
  )
  t.is(
    actsAt('route/peer-subnet:missing', { backend: 'host-gw', api: 'v3' }),
    'container → bridge → filters → [route] → underlay',
  )
  t.is(
    actsAt('daemon/process:not-running', { backend: 'udp', api: 'v3' }),
    'etcd → lease → [flanneld] → subnet.env',
  )
  t.is(actsAt('dataplane/overlay-ping:lost', { backend: 'vxlan', api: 'v3' }), undefined)
  t.is(
    actsAt('datastore/config:broken', { backend: 'vxlan', api: 'kubernetes' }),
    '[Kubernetes] → lease → flanneld → subnet.env',
  )
  t.is(actsAt('constructor', { backend: 'vxlan', api: 'v3' }), undefined)
})

test('East Asian names keep the width', async (t) => {
  const planted = withTexts(await reportOf('v0.20.0-vxlan-missed-lease'), () =>
    '主机 홑 ホスト 東京 機械 '.repeat(12),
  )
  // Commands are never broken over lines.
  const report = { ...planted, causes: planted.causes.map((cause) => ({ ...cause, fixes: [] })) }
  for (const width of [60, 80, 132]) {
    const lines = text(report, { color: false, width }).split('\n').slice(3)
    t.deepEqual(
      lines.filter((line) => stringWidth(line) > width && !/^.{0,13}\S*$/.test(line)),
      [],
      String(width),
    )
  }
})

test('hostile texts reach no terminal and make no command of GitHub', async (t) => {
  for (const report of await hostileReports()) {
    const rendered = text(report, PLAIN)
    t.false(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/.test(rendered),
    )
    t.false(rendered.split('\n').some((line) => line.trim().startsWith('::') || line.includes('##[')))
    t.true(rendered.length < 400_000)
  }
  t.true(HOSTILE.some((each) => each.length === 1_000_000))
})

test('a followed ping, its kernel words and an unread host are told', async (t) => {
  const report = await fullReport()
  const rendered = text({ ...report, observations: [] }, PLAIN)
  t.regex(rendered, /^LOST {2}the request from h1\/h1c1/)
  t.regex(text(report, PLAIN), /followed +84 bytes: the request from h1\/h1c1/)
  t.regex(rendered, /kernel +IP_INNOROUTES on h1 behind docker0/)
  t.regex(rendered, /undecided +etcd does not answer/)
  t.regex(rendered, /h4: connection refused/)
})

test('a healthy network is told with its containers, and a large one in one line of them', async (t) => {
  const facts = { known: [], absent: [] }
  const host = (at: number) => ({
    name: `n${at}`,
    via: `ssh://n${at}`,
    reachable: true,
    node: at === 1 ? 'ip-10-0-0-1' : `n${at}`,
    containers: Array.from({ length: at === 2 ? 6 : 1 }, (_, c) => ({
      name: `shop/web-${at}-${c}`,
      addresses: [],
    })),
    facts,
  })
  const report = await reportOf('v0.28.9-vxlan')
  const said = (hosts: number) =>
    /^ {2}found +(.*(?:\n {12}.*)*)/m
      .exec(text({ ...report, hosts: Array.from({ length: hosts }, (_, at) => host(at + 1)) }, PLAIN))?.[1]
      ?.replace(/\s+/g, ' ')
  t.is(
    said(2),
    'n1, node ip-10-0-0-1: shop/web-1-0; n2: shop/web-2-0, shop/web-2-1, shop/web-2-2, shop/web-2-3 and 2 more',
  )
  t.regex(said(200) ?? '', /; n4: shop\/web-4-0; 196 more on 196 hosts$/)
})
