import test from 'ava'
import { VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import { present } from '../../model/present.ts'
import type { Trace } from '../trace.ts'
import { C1, C2, PLAIN } from '../walk/cases-for-tests.ts'
import { walk } from '../walk.ts'
import { compareTrace } from './compare.ts'
import { enginesText } from './engines.ts'
import { nextStep, type StepFacts } from './next-step.ts'

const FACTS: StepFacts = { publicIps: new Map([['h2', '192.0.2.12']]), isRuleKnown: false, isFiltered: false }
const healthy = walk(VXLAN, { from: C1, to: C2 }, PLAIN)

/** The healthy walk, seen on every link up to one and on none behind it. */
function lostBehind(host: string, link: string): Trace {
  const linked = healthy.hops.filter((hop) => hop.link !== undefined)
  const end = linked.findLastIndex(
    (hop) => hop.host === host && hop.link === link && hop.container === undefined,
  )
  const seen = linked.map(({ host: at, container, link: name = '', stage }, index) => ({
    host: at,
    link: name,
    stage,
    seen: index <= end,
    ...present({ container }),
  }))
  return compareTrace(healthy, seen)
}

const CASES: readonly (readonly [
  words: string,
  trace: Trace,
  facts: Partial<StepFacts>,
  step: RegExp | undefined,
])[] = [
  ['nothing for a packet that arrived', healthy, {}, undefined],
  [
    'who answers in the place of the container',
    { ...lostBehind('h1', 'eth0'), ends: 'captured', agreement: 'contradicted' },
    {},
    /^on h1: `tcpdump -nne -c 4 -i eth0` during a ping: .* has 10\.2\.2\.2: there `ip -4 addr show to 10\.2\.2\.2`/,
  ],
  [
    'the underlay',
    lostBehind('h1', 'eth0'),
    {},
    /^on h1: `ping -c 3 192\.0\.2\.12`: an answer means that only/,
  ],
  [
    'a port on the underlay: whether pings arrive',
    lostBehind('h1', 'eth0'),
    { packet: { protocol: 'tcp', destinationPort: 80 } },
    /^`flannel-doctor trace h1\/h1c1 h2\/h2c1`: where a ping arrives, .* takes TCP; /,
  ],
  [
    'a packet filter of a port',
    lostBehind('h2', 'flannel.1'),
    { isFiltered: true, packet: { protocol: 'udp', destinationPort: 53 } },
    /^`flannel-doctor trace h1\/h1c1 h2\/h2c1 --udp 53 --intrude` names the rule$/,
  ],
  [
    'forwarding on the receiver',
    lostBehind('h2', 'flannel.1'),
    {},
    /^on h2: `ip route get \S+ from \S+ iif flannel\.1`: an error or another link/,
  ],
  ['decapsulation', lostBehind('h2', 'eth0'), {}, /^on h2: `nstat -az UdpNoPorts/],
  [
    'a packet filter of an unknown rule',
    lostBehind('h2', 'flannel.1'),
    { isFiltered: true },
    /^`flannel-doctor trace h1\/h1c1 h2\/h2c1 --intrude` names the rule$/,
  ],
  ['nothing where the rule is known', lostBehind('h2', 'flannel.1'), { isRuleKnown: true }, undefined],
  ['a drop as predicted', { ...healthy, ends: 'no-fdb', agreement: 'confirmed' }, {}, undefined],
  [
    'a silent container',
    { ...healthy, ends: 'no-answer', agreement: 'confirmed' },
    {},
    /^in h1\/h1c1: `iptables -S/,
  ],
]

for (const [words, trace, facts, step] of CASES) {
  test(`the next step: ${words}`, (t) => {
    const said = nextStep(trace, { ...FACTS, ...facts })
    if (step === undefined) t.is(said, undefined)
    else t.regex(said ?? '', step)
  })
}

test('the three engines stand beside each other', (t) => {
  t.regex(
    enginesText(VXLAN, lostBehind('h2', 'flannel.1')),
    /^intended by vxlan to \S+, which leases \S+; predicted arrives; observed last on h2 flannel\.1: the collected state does not/,
  )
})
