import test from 'ava'
import type { LabStatus } from '../../lab/running/status.ts'
import { statusText } from './lab.ts'

type Daemons = readonly (readonly [role: string, running: boolean])[]

function text(daemons: Daemons, hosts?: readonly string[]): string {
  const lab = hosts && {
    backend: 'vxlan',
    api: 'v3',
    inventory: '/run/lab/inventory.yaml',
    hosts: hosts.map((name) => ({ name })),
  }
  const status = {
    name: 'one',
    phase: 'ready',
    ephemeral: false,
    daemons: daemons.map(([role, running], at) => ({ role, pid: at + 100, running })),
    ...(lab && { lab }),
  }
  return statusText(status as unknown as LabStatus)
}

const HOSTS = ['h1', 'h2']
const ETCD = ['etcd', true] as const

test('a daemon that was started again runs, however many of its processes ended before', (t) => {
  const again: Daemons = [
    ETCD,
    ['flanneld of h1', false],
    ['flanneld of h1', false],
    ['flanneld of h1', true],
  ]
  t.notRegex(text(again, HOSTS), /not running/)
  t.notRegex(
    text(
      [
        ['flanneld of h1', true],
        ['flanneld of h1', false],
      ],
      HOSTS,
    ),
    /not running/,
  )
})

test('a daemon that does not run is named once', (t) => {
  const ended: Daemons = [
    ETCD,
    ['flanneld of h1', true],
    ['flanneld of h2', false],
    ['flanneld of h2', false],
  ]
  t.true(text(ended, HOSTS).endsWith('  not running: flanneld of h2'))
  t.true(text([['etcd', false]]).endsWith('  not running: etcd'))
})

test('daemons of a host that left the lab are not missed', (t) => {
  t.notRegex(
    text([ETCD, ['flanneld of h1', true], ['flanneld of h9', false], ['dockerd of h9', false]], HOSTS),
    /not running/,
  )
})
