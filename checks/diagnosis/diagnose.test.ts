import test from 'ava'
import { type Explains, RELATIONS, type Severity, type Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import { present } from '../model/present.ts'
import { diagnose, explains } from './diagnose.ts'
import { edgesOf } from './edges.ts'

function finding(
  code: Finding['code'],
  subject: Subject,
  more: { explains?: Explains[]; severity?: Severity } = {},
): Finding {
  return {
    code,
    subject,
    severity: more.severity ?? 'critical',
    confidence: 'certain',
    message: code,
    effect: 'loss',
    fix: 'fix',
    fixes: [],
    evidence: [],
    explains: more.explains ?? [],
  }
}

function shape(findings: readonly Finding[]): string[] {
  return diagnose(findings).causes.map(
    ({ finding: cause, explains }) =>
      `${cause.code} ${cause.subject.host ?? '-'} > ${explains.map(({ code }) => code).join(' ')}`,
  )
}

const route = (host: string, peer: string) => finding('route/peer-subnet:missing', { host, peer })

test('a cause takes the symptoms of its pair and leaves those of another pair', (t) => {
  const lease = finding(
    'lease/peer:unprogrammed',
    { host: 'h1', peer: 'h3' },
    {
      explains: [{ code: 'route/peer-subnet:missing', when: 'same-pair' }],
    },
  )
  t.deepEqual(shape([route('h1', 'h2'), lease, route('h1', 'h3')]), [
    'lease/peer:unprogrammed h1 > route/peer-subnet:missing',
    'route/peer-subnet:missing h1 > ',
  ])
})

test('symptoms of symptoms belong to the root', (t) => {
  const link = finding(
    'link/flannel:down',
    { host: 'h1' },
    { explains: [{ code: 'lease/peer:*', when: 'same-host' }] },
  )
  const lease = finding(
    'lease/peer:unprogrammed',
    { host: 'h1', peer: 'h2' },
    {
      explains: [{ code: 'route/*', when: 'same-pair' }],
    },
  )
  t.deepEqual(shape([lease, route('h1', 'h2'), link]), [
    'link/flannel:down h1 > lease/peer:unprogrammed route/peer-subnet:missing',
  ])
})

test('a peer-of edge follows the cause into other hosts', (t) => {
  const own = finding(
    'lease/own:missing',
    { host: 'h2' },
    { explains: [{ code: 'route/*', when: 'peer-of' }] },
  )
  t.deepEqual(shape([route('h1', 'h2'), own, route('h3', 'h2'), route('h2', 'h1')]), [
    'lease/own:missing h2 > route/peer-subnet:missing route/peer-subnet:missing',
    'route/peer-subnet:missing h2 > ',
  ])
})

test('critical goes before warning, more symptoms before fewer', (t) => {
  const mild = finding('bridge/mtu:too-large', { host: 'h1' }, { severity: 'warning' })
  const small = finding('datastore/api:wrong-api', { host: 'h1' })
  const big = finding(
    'link/flannel:down',
    { host: 'h2' },
    { explains: [{ code: 'route/*', when: 'same-host' }] },
  )
  t.deepEqual(
    diagnose([mild, small, route('h2', 'h1'), big]).causes.map(
      ({ finding: cause, rank }) => `${rank} ${cause.code}`,
    ),
    ['1 link/flannel:down', '2 datastore/api:wrong-api', '3 bridge/mtu:too-large'],
  )
})

test('a cause is confirmed where packets showed it or a symptom', (t) => {
  const agreement = (...codes: Finding['code'][]) =>
    diagnose(codes.map((code) => finding(code, { host: 'h1', peer: 'h2' }))).causes.map(
      (each) => each.agreement,
    )
  t.deepEqual(agreement('path/rule:drops'), ['predicted-only'])
  t.deepEqual(agreement('route/peer-subnet:missing', 'path/route:none'), ['predicted-only'])
  t.deepEqual(agreement('route/peer-subnet:missing', 'path/route:none', 'dataplane/overlay-ping:lost'), [
    'confirmed',
  ])
  t.deepEqual(agreement('dataplane/overlay-ping:lost'), ['confirmed'])
})

test('edges by index are the edges of asking for every pair', (t) => {
  const hosts = ['h1', 'h2', undefined]
  const codes = [
    'lease/peer:unprogrammed',
    'route/peer-subnet:missing',
    'dataplane/overlay-ping:lost',
    'fdb/peer-vtep:missing',
  ] as const
  const findings = codes.flatMap((code, n) =>
    hosts.flatMap((host) =>
      hosts.map((peer, m) => ({
        code,
        severity: 'critical',
        subject: present({ host, peer }),
        explains: [
          { code: codes[(n + m + 1) % codes.length], when: RELATIONS[(n + m) % RELATIONS.length] },
          { code: 'route/*', when: RELATIONS[m] },
        ],
      })),
    ),
  ) as unknown as Parameters<typeof edgesOf>[0]
  const asked = findings.map((cause) =>
    findings.flatMap((symptom, to) => (explains(cause, symptom) ? [to] : [])),
  )
  t.deepEqual(edgesOf(findings), asked)
  t.true(asked.flat().length > 100)
})

test('what the log tells stands behind what is seen, unless that is explained by it or a note', (t) => {
  const words = (explained: Explains[] = []) =>
    finding('daemon/log:subnet-file-not-written', { host: 'h1' }, { explains: explained })
  const seen = finding('subnet-env/mtu:wrong', { host: 'h1' }, { severity: 'warning' })
  const note = finding('link/mtu:differs', { host: 'h1' }, { severity: 'info' })
  t.deepEqual(shape([note, words(), seen]), [
    'subnet-env/mtu:wrong h1 > ',
    'daemon/log:subnet-file-not-written h1 > ',
    'link/mtu:differs h1 > ',
  ])
  const explained: Explains[] = [{ code: 'subnet-env/*', when: 'same-host' }]
  t.deepEqual(shape([note, words(explained), seen]), [
    'daemon/log:subnet-file-not-written h1 > subnet-env/mtu:wrong',
    'link/mtu:differs h1 > ',
  ])
})
