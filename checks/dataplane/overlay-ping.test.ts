import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { answeredPings, losing, lost, unsendable, withPings } from '../../fixtures/observations-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import type { PingObservation } from '../model/observation.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './overlay-ping.ts'

const three = buildCluster({ hosts: 3, backend: 'vxlan' })
const two = buildCluster({ hosts: 2, backend: 'vxlan' })
const inOverlay = ({ pattern }: PingObservation): boolean => pattern !== 'hu'
const between = (a: string, b: string) => (ping: PingObservation) =>
  [ping.from.host, ping.to.host].sort().join() === [a, b].sort().join()

function messages(cluster: ClusterSnapshot): string[] {
  return evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) =>
    findings.map(({ message, subject: { host = '-', peer = '-' } }) => `${host} ${peer} ${message}`),
  )
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => withPings(three) },
    { name: 'host-gw', cluster: () => withPings(buildCluster({ hosts: 2, backend: 'host-gw' })) },
    { name: 'udp', cluster: () => withPings(buildCluster({ hosts: 2, backend: 'udp' })) },
    {
      name: 'one host: nothing to ping',
      cluster: () => withPings(buildCluster({ hosts: 1, backend: 'vxlan' })),
    },
    {
      name: 'the underlay drops ICMP',
      cluster: () => withPings(three, (ping) => (ping.pattern === 'hu' ? lost(ping) : ping)),
    },
    {
      name: 'only full-size packets are lost',
      cluster: () => withPings(three, (ping) => (ping.full ? lost(ping) : ping)),
    },
  ],
  fails: [
    {
      name: 'one pair is one finding',
      cluster: () =>
        withPings(three, (ping) => (inOverlay(ping) && between('h1', 'h3')(ping) ? lost(ping) : ping)),
      findings: ['h1 lost -'],
    },
    {
      name: 'a host cut off from all others is one finding',
      cluster: () => withPings(three, losing('h2', inOverlay)),
      findings: ['h2 lost -'],
    },
    {
      name: 'nothing works anywhere',
      cluster: () => withPings(three, (ping) => (inOverlay(ping) ? lost(ping) : ping)),
      findings: ['- lost -'],
    },
    {
      name: 'the hosts answer, the containers of one do not',
      cluster: () =>
        withPings(
          three,
          losing('h2', ({ to, from }) => to.container === 'h2c1' || from.container === 'h2c1'),
        ),
      findings: ['h2 containers-lost -'],
    },
    {
      name: 'some are answered',
      cluster: () =>
        withPings(two, (ping) => (ping.pattern === 'cc' ? { ...ping, sent: 10, received: 7 } : ping)),
      findings: ['h1 partly-lost -'],
    },
  ],
})

test('a network where nothing could be sent is undecided', (t) => {
  const [result] = evaluate(withPings(three, unsendable), [check], three.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /h1, h2, h3: no ping from HOST: ping: not found/)
})

test('hosts that could not take part leave it undecided', (t) => {
  const plan = {
    kind: 'probe-plan',
    pairs: 0,
    ofPairs: 0,
    leftOut: [{ end: { host: 'h1' }, reason: 'no lease' }],
  } as const
  const [result] = evaluate({ ...three, observations: [plan] }, [check], three.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /h1: no lease/)
})

const PATTERNS: readonly (readonly [lostPatterns: string, reversed: string, says: RegExp])[] = [
  ['hu hd cd hc cc', 'hu hd cd hc cc', /^h1 h2 .*h1 does not reach the public IP of h2 either/],
  ['hd cd hc cc', 'hd cd hc cc', /^h1 h2 .*the underlay answers from h1 to h2, nothing passes/],
  ['hc cc', '', /^h1 h2 .*h2 itself answers h1, its containers do not, yet they reach h1/],
  ['', 'hc cc', /^h2 h1 .*h1 itself answers h2, its containers do not, yet/],
  ['hc cc', 'cd cc', /^h1 h2 .*h2 itself answers h1, its containers do not$/],
  ['cd cc', '', /^h1 h2 .*h1 itself reaches everything on h2, its containers reach nothing/],
  ['cc', '', /^h1 h2 .*only container to container from h1 to h2 is lost/],
  ['hc', '', /^h1 h2 .*the losses fit no known pattern/],
]

for (const [forth, back, says] of PATTERNS) {
  test(`lost from h1 to h2: ${forth || 'nothing'}; from h2 to h1: ${back || 'nothing'}`, (t) => {
    const loses = (ping: PingObservation): boolean =>
      (ping.from.host === 'h1' ? forth : back).split(' ').includes(ping.pattern)
    const [message = '', ...more] = messages(withPings(two, (ping) => (loses(ping) ? lost(ping) : ping)))
    t.regex(message, says)
    t.deepEqual(more, [])
  })
}

test('evidence shows the pings, and long lists are counted', (t) => {
  const cluster = withPings(three, losing('h2', inOverlay))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  const [finding] = result?.findings ?? []
  t.is(finding?.evidence.length, 3)
  t.deepEqual(finding?.evidence[0], {
    source: { host: 'h1', section: 'probe', command: 'ping -n -c 3 -s 56 -M do 10.2.2.1' },
    excerpt: 'h1 to h2 10.2.2.1, 84 bytes: 0 of 3 answered',
    derived: true,
  })
  t.regex(finding?.observed ?? '', /^h1 → h2 \(its bridge\), h1\/h1c1 → h2 \(its bridge\), .*and 8 more$/)
  t.is(answeredPings(three).length, 6 * 7)
})

test('pings of which some are answered are lost by chance', (t) => {
  const byChance = withPings(two, (ping) => {
    if (ping.full || ping.from.host !== 'h2') return ping
    return ping.pattern === 'cc'
      ? lost(ping)
      : ping.pattern === 'cd'
        ? { ...ping, sent: 10, received: 6 }
        : ping
  })
  t.regex(messages(byChance)[0] ?? '', /some of the same kind are answered, so that it is chance/)
})
