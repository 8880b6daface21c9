import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { losing, lost, withPings } from '../../fixtures/observations-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import type { PathMtuObservation, PingObservation } from '../model/observation.ts'
import { testCheck } from '../tester.ts'
import { check } from './path-mtu.ts'

const three = buildCluster({ hosts: 3, backend: 'vxlan' })
const isLarge = ({ full }: PingObservation): boolean => full

function refused(ping: PingObservation): PingObservation {
  const error = { kind: 'too-long', text: 'message too long, mtu=1400', mtu: 1400 } as const
  return ping.full && ping.pattern === 'cc' ? { ...lost(ping), error } : ping
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => withPings(three) },
    {
      name: 'everything is lost: no matter of size',
      cluster: () =>
        withPings(
          three,
          losing('h2', () => true),
        ),
    },
  ],
  fails: [
    {
      name: 'large packets vanish at one host',
      cluster: () => withPings(three, losing('h2', isLarge)),
      findings: ['h2 too-small -'],
    },
    {
      name: 'large packets are refused',
      cluster: () => withPings(three, refused),
      findings: ['- reduced -'],
    },
  ],
})

test('the size that passes is said, measured before named', (t) => {
  const observed = (cluster: typeof three) =>
    evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)[0]?.observed
  const measured: PathMtuObservation = {
    kind: 'path-mtu',
    from: { host: 'h1', container: 'h1c1' },
    to: { host: 'h2', container: 'h2c1' },
    address: '10.2.2.2',
    passes: 1350,
    fails: 1351,
  }
  t.is(observed(withPings(three, losing('h2', isLarge))), 'small packets pass')
  t.is(observed(withPings(three, losing('h2', isLarge), [measured])), '1350 bytes pass, 1351 do not')
  t.is(observed(withPings(three, refused)), 'the MTU is 1400')
})
