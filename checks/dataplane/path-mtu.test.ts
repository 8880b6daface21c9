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
  const error = { kind: 'too-long', text: 'message too long, mtu=1400', mtu: 1400, by: '10.2.1.1' } as const
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

test('a path MTU that the kernel remembers from before tells nothing about now', (t) => {
  const error = { kind: 'too-long', text: 'message too long, mtu=1300', mtu: 1300 } as const
  const remembered = withPings(three, (ping) =>
    ping.full && ping.pattern === 'cc' && ping.from.host === 'h1' ? { ...lost(ping), error } : ping,
  )
  const [result] = evaluate(remembered, [check], three.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /h1\/h1c1 remembers a path MTU of 1300 to h2\/h2c1/)
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
