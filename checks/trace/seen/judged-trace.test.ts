/** What is concluded from what was seen of a ping, with nothing sent. */
import test from 'ava'
import {
  followedPing,
  kernelDrop,
  type SeenBy,
  tapsSeeing,
  withFollowed,
} from '../../../fixtures/traced-for-tests.ts'
import { type Edit, rule, sysctl, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
import { judgePings } from './judged-trace.ts'

const ALL = 10
const ANSWERED = { sent: 2, received: 2, ttl: 62 } as const
const same: Edit = (cluster) => cluster
const forwardingOff = sysctl('h2', 'net.ipv4.conf.flannel.1.forwarding', '0')
const dropped = rule('h2', 'FORWARD', '-s 10.2.0.0/16 -p icmp -j DROP')

interface Case {
  readonly words: string
  readonly edit?: Edit
  readonly seen: SeenBy
  readonly more?: Partial<TraceObservation>
  /** `request ENDS AGREEMENT`, and of the reply where there is one. */
  readonly is: readonly string[]
  /** `HOST STAGE` of everything that may have lost it; absent where nothing was lost. */
  readonly at?: readonly string[]
}

const CASES: readonly Case[] = [
  {
    words: 'an answered ping',
    seen: { request: ALL, reply: ALL },
    more: { ping: ANSWERED },
    is: ['request delivered confirmed', 'reply delivered confirmed'],
  },
  {
    words: 'an answered ping that no tap stood by',
    seen: { request: 0 },
    more: { ping: ANSWERED, taps: [] },
    is: ['request delivered confirmed', 'reply delivered confirmed'],
  },
  {
    words: 'lost between the hosts',
    seen: { request: 5 },
    is: ['request lost-on-underlay confirmed'],
    at: ['h2 underlay'],
  },
  {
    words: 'dropped where the state says so',
    edit: forwardingOff,
    seen: { request: 7 },
    is: ['request forwarding-off confirmed'],
    at: ['h2 forward-in'],
  },
  {
    words: 'a rule the state has',
    edit: dropped,
    seen: { request: 7 },
    more: { drops: [{ host: 'h1', drops: [kernelDrop('NETFILTER_DROP', 6.5)] }] },
    is: ['request filtered confirmed'],
    at: ['h2 forward-in'],
  },
  {
    words: 'answered although the state says it cannot be',
    edit: forwardingOff,
    seen: { request: ALL, reply: ALL },
    more: { ping: ANSWERED },
    is: ['request delivered contradicted', 'reply delivered confirmed'],
  },
  {
    words: 'the container never answers',
    seen: { request: ALL },
    is: ['request delivered confirmed', 'reply no-answer confirmed'],
    at: ['h2 source'],
  },
  {
    words: 'the answer comes home and is not taken',
    seen: { request: ALL, reply: ALL },
    is: ['request delivered confirmed', 'reply filtered contradicted'],
    at: [],
  },
  {
    words: 'another host answers: too few hops behind it',
    seen: { request: 5 },
    more: { ping: { sent: 2, received: 2, ttl: 63 } },
    is: ['request captured contradicted'],
    at: ['h2 underlay'],
  },
  {
    words: 'nothing was sent',
    seen: { request: 0 },
    more: { ping: { sent: 0, received: 0, problem: { why: 'not-installed', detail: 'no ping' } }, taps: [] },
    is: ['request delivered predicted-only'],
  },
]

for (const { words, edit = same, seen, more, is, at } of CASES) {
  test(`${words}: ${is.join(', ')}`, (t) => {
    const snapshot = withFollowed(edit(VXLAN), followedPing({ taps: tapsSeeing(seen), ...more }))
    const { traces, loss } = judgePings(snapshot)
    t.deepEqual(
      traces.map(({ direction, ends, agreement }) => `${direction} ${ends} ${agreement}`),
      is,
    )
    t.deepEqual(
      loss?.at.map(({ host, stage }) => `${host} ${stage}`),
      at && [...at],
    )
    t.true(traces.every(({ says, engines }) => says !== '' && engines !== undefined))
  })
}

test("without state and taps to place it, a drop of a host of its own is that host's", (t) => {
  const drop = kernelDrop('IP_RPFILTER', 0, {
    exact: false,
    hops: [{ link: 'eth1', way: 'received', at: 0 }],
  })
  const seen = followedPing({ taps: tapsSeeing({ request: 7 }), drops: [{ host: 'h2', drops: [drop] }] })
  const [request] = judgePings(withFollowed(VXLAN, seen)).traces
  t.is(request?.dropReason, 'IP_RPFILTER')
  t.deepEqual(request?.droppedIn, { location: 'some_function', host: 'h2', link: 'eth1' })
})

test('drops that end every healthy ping are none, and one behind a link without a tap has no host', (t) => {
  const normal = kernelDrop('NO_SOCKET', 9, { normal: true })
  const between = kernelDrop('TC_INGRESS', 4.5, { hops: [{ link: 'port1', way: 'received', at: 1004.2 }] })
  const seen = followedPing({
    taps: tapsSeeing({ request: 5 }),
    drops: [{ host: 'h1', drops: [normal, between] }],
  })
  const [request] = judgePings(withFollowed(VXLAN, seen)).traces
  t.is(request?.dropReason, 'TC_INGRESS')
  t.deepEqual(request?.droppedIn, { location: 'some_function' })
})

test('a rule is told by the direction it dropped, also of the packet around it', (t) => {
  const tunnelled = {
    family: 'inet',
    table: 'own',
    chain: 'in',
    rule: 'udp dport 8472 drop',
    tunnelled: true,
  }
  const plain = { family: 'ip', table: 'own', chain: 'fwd', tunnelled: false, source: '10.2.2.2' }
  const ruled = (rules: TraceObservation['rules']) =>
    judgePings(withFollowed(VXLAN, followedPing({ taps: tapsSeeing({ request: 6 }), rules }))).traces[0]?.rule
  t.is(ruled([{ host: 'h2', drops: [tunnelled] }]), 'h2: inet own in: udp dport 8472 drop')
  t.is(
    ruled([{ host: 'h1', drops: [tunnelled] }]),
    undefined,
    'what comes in on the asking host is the answer',
  )
  t.is(
    ruled([{ host: 'h1', drops: [{ ...tunnelled, outputLink: 'eth0' }] }]),
    'h1: inet own in: udp dport 8472 drop',
  )
  t.is(ruled([{ host: 'h2', drops: [plain] }]), undefined, 'it came from the asked end')
  t.is(ruled([{ host: 'h2', drops: [{ ...plain, source: '10.2.1.2' }] }]), 'h2: ip own fwd: policy drop')
})

test('what proves nothing is said once, with its reason, and is no evidence', (t) => {
  const [first, ...taps] = tapsSeeing({ request: 0 })
  if (first === undefined) return t.fail()
  const seen = followedPing({
    taps: [{ ...first, unproven: 'no tcpdump' }, ...taps.map((tap) => ({ ...tap, unproven: 'no tcpdump' }))],
    drops: [{ host: 'h1', drops: [], unproven: 'no tracefs' }],
    missing: [{ rung: 'tracefs', host: 'h1', reason: 'no tracefs' }],
    counters: [{ host: 'h2', deltas: [{ kind: 'protocol', name: 'Udp.NoPorts', by: 2 }] }],
  })
  const [request] = judgePings(withFollowed(VXLAN, seen)).traces
  t.deepEqual(request?.evidenceFrom, ['counters'])
  t.is(request?.notObserved.length, taps.length + 2)
  t.deepEqual(
    request?.notObserved.filter(({ rung }) => rung === 'tracefs'),
    [{ rung: 'tracefs', where: 'h1', reason: 'no tracefs' }],
  )
  t.deepEqual(request?.counters, [{ host: 'h2', counter: 'Udp.NoPorts', by: 2 }])
})

test('large packets are told from small ones, and from those that no link of the ends takes', (t) => {
  const small = followedPing({ ping: ANSWERED, fullPing: { size: 1450, sent: 2, received: 0 } })
  const large = followedPing({ size: 1450, isLarge: true, taps: tapsSeeing({ request: 5 }) })
  const { traces, loss } = judgePings(withFollowed(VXLAN, small, large))
  t.regex(traces.at(-1)?.says ?? '', /^small packets arrive, those of 1450 bytes do not: the request/)
  t.is(traces[0]?.fullPing?.size, 1450)
  t.deepEqual(loss?.at, [{ host: 'h2', stage: 'underlay' }])
  const refused = { kind: 'too-long', text: 'message too long', mtu: 1450 } as const
  const huge = judgePings(
    withFollowed(VXLAN, followedPing({ size: 9000, ping: { sent: 2, received: 0, error: refused } })),
  )
  t.is(huge.traces[0]?.endsTake, 1450)
  t.is(huge.loss, undefined)
})
