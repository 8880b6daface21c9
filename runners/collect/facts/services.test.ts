import test from 'ava'
import { localRunner } from '../../hosts/local.ts'
import { collectHost, factsFromSections } from '../collect.ts'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { services } from './services.ts'

/** Printed by systemd 252 for two units written for this test; program names were put in. */
const SYSTEMD_252 = `Type=simple
Restart=on-failure
NRestarts=0
ExecMainStatus=1
ExecStart={ path=/usr/bin/flanneld ; argv[]=/usr/bin/flanneld -etcd-endpoints=http://********@192.0.2.1:2379 $FLANNEL_OPTIONS -etcd-password=********
EnvironmentFiles=/etc/flannel/flanneld.conf (ignore_errors=yes)
Id=flanneld.service
Requires=basic.target app.slice
Wants=network-online.target
Before=shutdown.target docker.service
After=etcd.service basic.target network-online.target app.slice
LoadState=loaded
ActiveState=activating
SubState=auto-restart

Type=simple
Restart=on-abnormal
NRestarts=0
ExecMainStatus=1
ExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// $OPTIONS $DOCKER_NETWORK_OPTIONS ; ignore_errors=no ; start_time=[Sat 2026-11-21 02:23:44 UTC] ; stop_time=[Sat 2026-11-21 02:23:44 UTC] ; pid=28 ; code=exited ; status=1 }
EnvironmentFiles=/etc/sysconfig/docker (ignore_errors=yes)
EnvironmentFiles=/run/flannel/docker (ignore_errors=yes)
Id=docker.service
Requires=basic.target app.slice
Wants=flanneld.service
Before=shutdown.target
After=flanneld.service basic.target network.target app.slice
LoadState=loaded
ActiveState=failed
SubState=failed

Type=
Restart=no
NRestarts=0
ExecMainStatus=0
Id=etcd.service
Requires=
Wants=
Before=flanneld.service
After=
LoadState=not-found
ActiveState=inactive
SubState=dead

Type=
Restart=no
NRestarts=0
ExecMainStatus=0
Id=firewalld.service
Requires=
Wants=
Before=
After=
LoadState=not-found
ActiveState=inactive
SubState=dead
`

test('state, order, files and command line of each unit', (t) => {
  const units = parsedValue(services, SYSTEMD_252)
  t.deepEqual([...units.keys()], ['flanneld.service', 'docker.service', 'etcd.service', 'firewalld.service'])
  t.deepEqual(units.get('docker.service'), {
    name: 'docker.service',
    loadState: 'loaded',
    activeState: 'failed',
    subState: 'failed',
    type: 'simple',
    restart: 'on-abnormal',
    after: ['flanneld.service', 'basic.target', 'network.target', 'app.slice'],
    before: ['shutdown.target'],
    requires: ['basic.target', 'app.slice'],
    wants: ['flanneld.service'],
    environmentFiles: [
      { path: '/etc/sysconfig/docker', optional: true },
      { path: '/run/flannel/docker', optional: true },
    ],
    commands: ['/usr/bin/dockerd -H fd:// $OPTIONS $DOCKER_NETWORK_OPTIONS'],
    exitStatus: 1,
    restarts: 0,
  })
  t.like(units.get('flanneld.service'), { activeState: 'activating', restart: 'on-failure' })
  t.like(units.get('etcd.service'), { loadState: 'not-found', activeState: 'inactive', commands: [] })
})

test('a command line that was cut behind a password is kept as far as it goes', (t) => {
  const [command] = parsedValue(services, SYSTEMD_252).get('flanneld.service')?.commands ?? []
  t.true(command?.endsWith('$FLANNEL_OPTIONS -etcd-password=********'))
})

test('the older name of the environment files', (t) => {
  const units = parsedValue(
    services,
    'Id=docker.service\nEnvironmentFile=/etc/sysconfig/docker (ignore_errors=yes)\nEnvironmentFile=/a b (ignore_errors=no)\n',
  )
  t.deepEqual(units.get('docker.service')?.environmentFiles, [
    { path: '/etc/sysconfig/docker', optional: true },
    { path: '/a b', optional: false },
  ])
})

test('without systemd, or on a host that shares its machine, there are no services', async (t) => {
  for (const said of ['none\n', 'shared\n']) {
    const parsed = services.parse(sectionOf('services', said))
    t.true('problem' in parsed && parsed.problem.why === 'not-applicable')
  }
  const settings = { containers: [], sharesFiles: true }
  const { sections } = await collectHost(localRunner('here'), settings, { collectors: [services] })
  t.is(sections[0]?.stdout, 'shared\n')
})

test('a state that was recorded without services is not applicable, one that lost its links is missing', (t) => {
  const { facts } = factsFromSections({ name: 'h1', via: 'local:' }, [])
  t.like(facts.services, { known: false, why: 'not-applicable' })
  t.like(facts.dockerOptions, { known: false, why: 'not-applicable' })
  t.like(facts.links, { known: false, why: 'missing' })
})

test('text that is none of this is a problem', (t) => {
  const parsed = services.parse(sectionOf('services', 'Failed to connect\n'))
  t.true('problem' in parsed && parsed.problem.why === 'unparsable')
})
