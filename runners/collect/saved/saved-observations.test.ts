import test from 'ava'
import { buildCluster } from '../../../fixtures/build.ts'
import { withPings } from '../../../fixtures/observations-for-tests.ts'
import { followedPing, kernelDrop, tapsSeeing } from '../../../fixtures/traced-for-tests.ts'
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

const FOLLOWED = [
  followedPing({
    taps: tapsSeeing({ request: 7 }),
    drops: [
      {
        host: 'h1',
        drops: [kernelDrop('NETFILTER_DROP', 1, { hops: [{ link: 'eth0', way: 'received', at: 1 }] })],
      },
    ],
    rules: [
      { host: 'h2', drops: [{ family: 'ip', table: 't', chain: 'c', rule: 'drop', tunnelled: false }] },
    ],
    counters: [
      {
        host: 'h2',
        deltas: [
          { kind: 'link', link: 'eth0', name: 'rx.dropped', by: 2 },
          { kind: 'rule', rule: { backend: 'nft', table: 'filter', chain: 'FORWARD', packets: 3 }, by: 2 },
        ],
      },
    ],
    missing: [{ rung: 'tracefs', host: 'h2', reason: 'not permitted' }],
    fullPing: { size: 1450, sent: 1, received: 0 },
  }),
  { kind: 'untraced', source: 'h1', target: 'h9', reason: 'h9 could not be reached' },
] as const

test('what was saved is read back', (t) => {
  const all = [...observations, ...FOLLOWED]
  t.deepEqual(savedObservations(JSON.parse(JSON.stringify(all)), 'dir'), all)
})

const BROKEN: readonly (readonly [content: unknown, says: RegExp])[] = [
  [{}, /^dir\/observations\.json: : .*array/],
  [[{ ...FOLLOWED[0], size: 70_000 }], /^dir\/observations\.json: 0\.size: /],
  [
    [{ ...FOLLOWED[0], taps: [{ place: { host: 'h1' } }] }],
    /^dir\/observations\.json: 0\.taps\.0\.place\.link: /,
  ],
  [[{ kind: 'sermon' }], /^dir\/observations\.json: 0\.kind: /],
  [[{ ...observations[1], ttl: 300 }], /^dir\/observations\.json: 0\.ttl: /],
  [[observations[0], { ...observations[1], address: '<b>' }], /^dir\/observations\.json: 1\.address: /],
]

for (const [content, says] of BROKEN) {
  test(`refused: ${says.source}`, (t) => {
    t.throws(() => savedObservations(content, 'dir'), { instanceOf: InputError, message: says })
  })
}
