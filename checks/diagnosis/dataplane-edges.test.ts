/** The table of findings that lose pings: it names codes that exist, and one fault takes its losses. */
import test from 'ava'
import type { Severity, Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import { CHECKS } from '../registry.ts'
import { explainsLoss, LOSS_PATTERNS } from './dataplane-edges.ts'
import { diagnose } from './diagnose.ts'

function finding(code: Finding['code'], subject: Subject, severity: Severity = 'critical'): Finding {
  return {
    code,
    subject,
    severity,
    effect: 'loss',
    confidence: 'certain',
    message: '',
    fix: '',
    fixes: [],
    evidence: [],
    explains: [],
  }
}

const codes = CHECKS.flatMap(({ id, findings }) => Object.keys(findings).map((code) => `${id}:${code}`))

for (const pattern of new Set(LOSS_PATTERNS)) {
  test(`${pattern} names a code that exists`, (t) => {
    const beginning = pattern.replace(/\*$/, '')
    t.true(codes.some((code) => (pattern.endsWith('*') ? code.startsWith(beginning) : code === pattern)))
  })
}

const route = (host: string, peer: string) => finding('route/peer-subnet:missing', { host, peer })
const forward = finding('netfilter/forward:drop-policy', { host: 'h2' })
const lost = (subject: Subject) => finding('dataplane/overlay-ping:lost', subject)
const containersLost = (subject: Subject) => finding('dataplane/overlay-ping:containers-lost', subject)

const EDGES: readonly (readonly [cause: Finding, symptom: Finding, explained: boolean, why: string])[] = [
  [route('h1', 'h2'), lost({ host: 'h1', peer: 'h2' }), true, 'its own pair'],
  [route('h1', 'h2'), lost({ host: 'h2', peer: 'h1' }), true, 'answers take the same way back'],
  [route('h1', 'h2'), lost({ host: 'h1', peer: 'h3' }), false, 'another pair of its host'],
  [route('h1', 'h2'), lost({ host: 'h2' }), true, 'the peer cut off'],
  [route('h1', 'h2'), lost({ host: 'h3' }), false, 'a third host cut off'],
  [route('h1', 'h2'), lost({}), true, 'nothing works anywhere'],
  [forward, containersLost({ host: 'h2' }), true, 'the last leg on its host'],
  [forward, containersLost({ host: 'h1', peer: 'h2' }), true, 'a pair with its host'],
  [forward, containersLost({ host: 'h1', peer: 'h3' }), false, 'a pair without its host'],
  [forward, lost({ host: 'h2' }), false, 'a FORWARD rule cannot silence the host itself'],
  [
    finding('route/shadowed:shadowed', { host: 'h3', peer: 'h2' }),
    finding('dataplane/answer:from-host', { host: 'h3' }),
    true,
    'a third host holds the address',
  ],
  [
    finding('route/shadowed:shadowed', { host: 'h3', peer: 'h2' }),
    finding('dataplane/followed-ping:captured', { host: 'h3' }),
    true,
    'a third host holds the address of a followed ping',
  ],
  [
    finding('route/peer-subnet:wrong-gateway', { host: 'h1', peer: 'h2' }),
    finding('dataplane/answer:from-host', {}),
    true,
    'packets are led to a host that nobody read',
  ],
  [
    finding('fdb/peer-vtep:missing', { host: 'h2', peer: 'h1' }),
    { ...finding('dataplane/followed-ping:predicted', { host: 'h3' }), ends: { host: 'h1', peer: 'h2' } },
    true,
    'a third host has the ping of the pair',
  ],
  ...(['overlay-ping:partly-lost', 'overlay-ping:containers-lost', 'connection:tcp-stalled'] as const).map(
    (code) =>
      [
        finding('path/rule:drops-some', { host: 'h2' }, 'warning'),
        finding(`dataplane/${code}`, { host: 'h1', peer: 'h2' }),
        true,
        `a rule drops by chance: ${code}`,
      ] as const,
  ),
  [
    finding('path/rule:drops-some', { host: 'h2' }, 'warning'),
    lost({ host: 'h2' }),
    false,
    'a rule drops by chance, and everything is lost',
  ],
  [
    finding('path/neighbour:wrong-mac', { host: 'h2', peer: 'h1' }),
    finding('dataplane/underlay-ping:lost', { host: 'h1', peer: 'h2' }),
    true,
    'the underlay by itself is lost',
  ],
  [
    finding('dataplane/underlay-ping:lost', { host: 'h1', peer: 'h2' }),
    finding('dataplane/followed-ping:underlay', { host: 'h2', peer: 'h1' }),
    true,
    'the overlay rests on it',
  ],
  [finding('lease/backend:mixed', {}), lost({ host: 'h1', peer: 'h2' }), true, 'a cause without a host'],
  [
    finding('route/peer-subnet:missing', { host: 'h1', peer: 'h2' }, 'warning'),
    lost({}),
    false,
    'no loss now',
  ],
  [
    finding('bridge/container-mtu:too-large', { host: 'h1' }, 'warning'),
    finding('dataplane/path-mtu:reduced', { host: 'h1', peer: 'h2' }),
    true,
    'MTU findings are warnings',
  ],
  [
    finding('underlay/ipv6-route:mtu-smaller', { host: 'h2', peer: 'h1' }, 'warning'),
    finding('dataplane/ipv6-ping:too-small', { host: 'h1', peer: 'h2' }),
    true,
    'the answer takes the same way back',
  ],
  [
    finding('route/ipv6-peer-subnet:missing', { host: 'h2', peer: 'h1' }),
    finding('dataplane/ipv6-ping:lost', { host: 'h1', peer: 'h3' }),
    false,
    'another pair',
  ],
]

for (const [cause, symptom, explained, why] of EDGES) {
  const where = [symptom.subject.host ?? '*', symptom.subject.peer ?? '*'].join('–')
  test(`${cause.code} and ${symptom.code} ${where}: ${why}`, (t) => {
    t.is(explainsLoss(cause, symptom), explained)
  })
}

test('a lost ping without a cause among the facts is a cause itself', (t) => {
  const { causes } = diagnose([route('h1', 'h3'), lost({ host: 'h2' }), lost({ host: 'h1', peer: 'h3' })])
  t.deepEqual(
    causes.map(
      ({ finding: { code }, explains }) => `${code} > ${explains.map(({ code: each }) => each).join()}`,
    ),
    ['route/peer-subnet:missing > dataplane/overlay-ping:lost', 'dataplane/overlay-ping:lost > '],
  )
})
