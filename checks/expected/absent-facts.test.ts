import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { isExpected } from './expected.ts'
import { expected, refused } from './expected-for-tests.ts'
import { expectedHost } from './expected-host.ts'

const VXLAN = buildCluster({ hosts: 3, backend: 'vxlan' })

for (const name of ['config', 'leases'] as const) {
  test(`without ${name} there is a reason, not an error`, (t) => {
    const why = refused(withoutFact(VXLAN, '', { name, why: 'unreachable', detail: 'connection refused' }))
    t.is(why.cause, 'absent-fact')
    t.regex(why.reason, /connection refused$/)
  })
}

for (const name of ['links', 'addresses'] as const) {
  test(`without ${name} of the host there is a reason, not an error`, (t) => {
    const cluster = withoutFact(VXLAN, 'h1', { name, detail: 'no answer within 10 s' })
    t.like(refused(cluster), { cause: 'absent-fact', reason: `${name} are not known: no answer within 10 s` })
    t.is(
      expected(cluster, 'h2').peers.find(({ lease }) => lease.vtepMac?.endsWith('00:01'))?.name,
      '172.20.0.1',
    )
  })
}

for (const name of ['routes', 'flanneld', 'subnetEnv'] as const) {
  test(`${name} may be absent`, (t) => {
    const state = expected(withoutFact(VXLAN, 'h1', { name }))
    t.is(state.routes.length, 2)
    t.is(state.externalLink?.name, 'eth0')
  })
}

test('whatever combination of facts is absent, there is an answer', (t) => {
  const names = [
    'links',
    'addresses',
    'routes',
    'flanneld',
    'subnetEnv',
    'docker',
    'containers',
    'kernel',
  ] as const
  for (let bits = 0; bits < 2 ** names.length; bits++) {
    const gone = names.filter((_, index) => (bits >> index) & 1)
    const cluster = gone.reduce((rest, name) => withoutFact(rest, 'h1', { name }), VXLAN)
    const isBlind = gone.includes('links') || gone.includes('addresses')
    t.is(isExpected(expectedHost(cluster, 'h1')), !isBlind, gone.join(' '))
  }
})

test('without flanneld version and flag are unknown, and so are its rules', (t) => {
  const state = expected(withoutFact(VXLAN, 'h1', { name: 'flanneld' }))
  t.true(state.generation.inferred)
  t.is(state.generation.vxlan, 'per-peer')
  t.is(state.masqueradeRules, undefined)
  t.is(state.forwardRules, undefined)
  t.is(state.subnetEnv.ipMasq, undefined)
})

for (const version of ['v0.6.2', 'v0.7.1', 'v0.10.0']) {
  test(`what ${version} left behind tells its design when no flanneld runs`, (t) => {
    const cluster = buildCluster({ hosts: 2, backend: 'vxlan', version })
    const stopped = withHost(cluster, 'h1', () => ({ flanneld: { processes: [] } }))
    const { generation: running } = expected(cluster)
    t.deepEqual(expected(stopped).generation, { vxlan: running.vxlan, udp: 'network-route', inferred: true })
    t.deepEqual(expected(stopped).routes, expected(cluster).routes)
  })
}
