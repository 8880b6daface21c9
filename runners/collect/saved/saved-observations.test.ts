import test from 'ava'
import { buildCluster } from '../../../fixtures/build.ts'
import { withPings } from '../../../fixtures/observations-for-tests.ts'
import { InputError } from '../../input-error.ts'
import { savedObservations } from './saved-observations.ts'

const { observations = [] } = withPings(buildCluster({ hosts: 2, backend: 'vxlan' }), undefined, [
  {
    kind: 'path-mtu',
    from: { host: 'h1' },
    to: { host: 'h2' },
    address: '10.2.2.2',
    passes: 1350,
    fails: 1351,
  },
  {
    kind: 'tunnel-port',
    from: { host: 'h1' },
    to: { host: 'h2' },
    address: '172.20.0.2',
    port: 8472,
    state: 'closed',
    error: 'Connection refused',
    command: 'exec',
  },
])

test('what was saved is read back', (t) => {
  t.deepEqual(savedObservations(JSON.parse(JSON.stringify(observations)), 'dir'), observations)
})

const BROKEN: readonly (readonly [content: unknown, says: RegExp])[] = [
  [{}, /^dir\/observations\.json: : .*array/],
  [[{ kind: 'sermon' }], /^dir\/observations\.json: 0\.kind: /],
  [[{ ...observations[1], ttl: 300 }], /^dir\/observations\.json: 0\.ttl: /],
  [[observations[0], { ...observations[1], address: '<b>' }], /^dir\/observations\.json: 1\.address: /],
]

for (const [content, says] of BROKEN) {
  test(`refused: ${says.source}`, (t) => {
    t.throws(() => savedObservations(content, 'dir'), { instanceOf: InputError, message: says })
  })
}
