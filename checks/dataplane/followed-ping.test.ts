import test from 'ava'
import { losing, withPings } from '../../fixtures/observations-for-tests.ts'
import { followedPing, kernelDrop, tapsSeeing, withFollowed } from '../../fixtures/traced-for-tests.ts'
import { type Edit, link, rule, sysctl, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { evaluate } from '../evaluate.ts'
import type { TraceObservation } from '../model/trace-observation.ts'
import { testCheck } from '../tester.ts'
import { check } from './followed-ping.ts'
import { check as overlayPing } from './overlay-ping.ts'

const same: Edit = (cluster) => cluster
const PING = 'ping h1/h1c1 to h2/h2c1'

function followed(request: number, more: Partial<TraceObservation> = {}, edit: Edit = same) {
  return () => withFollowed(edit(VXLAN), followedPing({ taps: tapsSeeing({ request }), ...more }))
}

const DROP = {
  backend: 'nft',
  table: 'filter',
  chain: 'FORWARD',
  rule: '-A FORWARD -m statistic -j DROP',
  target: 'DROP',
  packets: 9,
} as const
const GROWN: TraceObservation['counters'] = [{ host: 'h2', deltas: [{ kind: 'rule', rule: DROP, by: 2 }] }]

testCheck(test, check, {
  passes: [
    { name: 'nothing was followed', cluster: () => VXLAN },
    { name: 'an answered ping', cluster: followed(10, { ping: { sent: 2, received: 2, ttl: 62 } }) },
    {
      name: 'a ping that could not be sent',
      cluster: followed(0, {
        ping: { sent: 0, received: 0, problem: { why: 'missing', detail: 'no ping' } },
      }),
    },
  ],
  fails: [
    {
      name: 'a rule trace',
      cluster: followed(7, {
        rules: [
          { host: 'h2', drops: [{ family: 'ip', table: 'own', chain: 'c', rule: 'drop', tunnelled: false }] },
        ],
      }),
      findings: [`h2 rule ${PING}`],
    },
    {
      name: 'the counter of a rule',
      cluster: followed(7, { counters: GROWN }),
      findings: [`h2 rule ${PING}`],
    },
    {
      name: 'a word of the kernel',
      cluster: followed(7, { drops: [{ host: 'h2', drops: [kernelDrop('IP_RPFILTER', 7)] }] }),
      findings: [`h2 dropped ${PING}`],
    },
    { name: 'between the hosts', cluster: followed(5), findings: [`h1 underlay ${PING}`] },
    {
      name: 'another host answers',
      cluster: followed(5, { ping: { sent: 2, received: 2, ttl: 63 } }),
      findings: [`h2 captured ${PING}`],
    },
    {
      name: 'where an XDP program decides',
      cluster: followed(5, {}, link('h2', 'eth0', { xdp: 7 })),
      findings: [`h2 program ${PING}`],
    },
    { name: 'nobody answers', cluster: followed(10), findings: [`h2 unanswered ${PING}`] },
    {
      name: 'as the state says',
      cluster: followed(7, {}, sysctl('h2', 'net.ipv4.conf.flannel.1.forwarding', '0')),
      findings: [`h2 predicted ${PING}`],
    },
    {
      name: 'a large one',
      cluster: followed(5, { size: 1450, isLarge: true }),
      findings: [`h2 too-large ${PING}`],
    },
    { name: 'nothing is known', cluster: followed(7), findings: [`h2 vanished ${PING}`] },
  ],
})

test('a rule that may take pings from every peer is one cause', (t) => {
  const open = rule('h2', 'FORWARD', '-m bpf --bytecode 1,6 -j DROP')(VXLAN)
  const lostToH2 = withPings(
    open,
    losing('h2', ({ pattern }) => pattern === 'cc'),
  )
  const seen = withFollowed(lostToH2, followedPing({ taps: tapsSeeing({ request: 7 }), counters: GROWN }))
  const { causes } = diagnose(evaluate(seen, [overlayPing, check], 0).flatMap(({ findings }) => findings))
  t.deepEqual(
    causes.map(({ finding: { code, subject } }) => `${code} ${subject.host} ${subject.peer ?? '-'}`),
    ['dataplane/followed-ping:rule h2 -'],
  )
})

test('the counter of one rule gives the command that takes it away, several none', (t) => {
  const fixesOf = (counters: TraceObservation['counters']) =>
    evaluate(followed(7, { counters })(), [check], 0).flatMap(({ findings }) => findings[0]?.fixes ?? [])
  t.deepEqual(
    fixesOf(GROWN).map(({ host, command, undo }) => [host, command, undo]),
    [
      [
        'h2',
        'iptables -t filter -D FORWARD -m statistic -j DROP',
        'iptables -t filter -I FORWARD -m statistic -j DROP',
      ],
    ],
  )
  t.deepEqual(fixesOf([...GROWN, ...GROWN]), [])
})

test('a rule that took pings of two peers is one cause, of neither alone', (t) => {
  const from = { host: 'h3', container: 'h3c1', address: '10.2.3.2' }
  const toH2 = (given: Partial<TraceObservation>) =>
    followedPing({ taps: tapsSeeing({ request: 7 }), ...given })
  const seen = withFollowed(VXLAN, toH2({ counters: GROWN }), toH2({ counters: GROWN, from }))
  const findings = evaluate(seen, [check], 0).flatMap((result) => result.findings)
  t.deepEqual(
    findings.map(({ code, subject }) => `${code} ${subject.host} ${subject.peer ?? '-'}`),
    ['dataplane/followed-ping:rule h2 -'],
  )
  const apart = withFollowed(VXLAN, toH2({}), toH2({ from }))
  t.is(evaluate(apart, [check], 0).flatMap((result) => result.findings).length, 2)
})

test('a rule is named once, and a fabric that may take the tunnel where no host does', (t) => {
  const findingOf = (cluster: ReturnType<typeof same>) =>
    evaluate(cluster, [check], 0).flatMap(({ findings }) => findings)[0]
  const message = findingOf(followed(7, { counters: GROWN })())?.message ?? ''
  t.is(message.split('-A FORWARD -m statistic').length, 2, message)
  t.regex(
    findingOf(followed(5)())?.fix ?? '',
    /hypervisors .* commonly take UDP 8472 or 4789: another Backend\.Port/,
  )
})
