import test from 'ava'
import { BUILT_AT, buildCluster, withHost } from '../../fixtures/build.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { TlsFile } from '../model/tls-file.ts'
import { tlsFilesOfOthers } from './tls-files-of-others.ts'

const DAY_MS = 86_400_000
const OPTIONS = ['etcd-cafile', 'etcd-certfile', 'etcd-keyfile'] as const
const [COMMON, OTHER] = ['/etc/etcd', '/root/old']

interface Told {
  readonly folder: string
  readonly options?: readonly TlsFile['option'][]
  readonly days?: number
  readonly state?: TlsFile['state']
}

function withTold(cluster: ClusterSnapshot, host: string, told: Told): ClusterSnapshot {
  const { folder, options = OPTIONS, days = 100, state = 'present' } = told
  const [notBefore, notAfter] = [BUILT_AT - 100 * DAY_MS, BUILT_AT + days * DAY_MS]
  const certificates = [{ subject: 'CN=flanneld', issuer: 'CN=etcd', notBefore, notAfter }]
  return withHost(cluster, host, ({ flanneld }) => ({
    flanneld: {
      processes: flanneld.processes.map((one) => ({
        ...one,
        argv: ['flanneld', ...options.map((option) => `-${option}=${folder}/${option}`)],
      })),
    },
    tlsFiles: {
      files: options.map((option) => ({
        pid: 1234,
        option,
        path: `${folder}/${option}`,
        state,
        certificates,
      })),
    },
  }))
}

/** What h1 is to take over. */
const takenOver = (...told: readonly Told[]): string | undefined => {
  const built = buildCluster({ hosts: told.length, backend: 'vxlan' })
  const cluster = told.reduce((before, one, at) => withTold(before, `h${at + 1}`, one), built)
  return tlsFilesOfOthers(cluster, 'h1', BUILT_AT).data?.certificate
}

test('the TLS files that all others are told', (t) => {
  const others = [{ folder: COMMON }, { folder: COMMON }]
  t.is(takenOver({ folder: OTHER }, ...others), `${COMMON}/etcd-certfile`)
  t.is(takenOver({ folder: COMMON, options: ['etcd-cafile'] }, ...others), `${COMMON}/etcd-certfile`)
})

for (const [name, told] of [
  ['the same files', [{ folder: COMMON }, { folder: COMMON }]],
  ['others that differ', [{ folder: OTHER }, { folder: COMMON }, { folder: '/etc/pki' }]],
  [
    'others without a key',
    [{ folder: OTHER }, { folder: COMMON, options: ['etcd-cafile', 'etcd-certfile'] }],
  ],
  ['files that are out of date as well', [{ folder: OTHER }, { folder: COMMON, days: -1 }]],
  ['files that are gone there as well', [{ folder: OTHER }, { folder: COMMON, state: 'missing' }]],
  ['no other host', [{ folder: OTHER }]],
] as const)
  test(`TLS files, ${name}: nothing to take over`, (t) => {
    t.is(takenOver(...told), undefined)
  })
