/** Commands that depend on how a host runs its daemons and on what hosts still show of a configuration. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { buildCluster, withConfig, withHost, withoutFact } from '../../fixtures/build.ts'
import { builtServices, builtUnit } from '../../fixtures/build-services.ts'
import { printable } from '../../reports/layout/printable.ts'
import { run } from '../../runners/hosts/command/spawn.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { optionNames, writeRunningConfig } from './config-edit.ts'
import { dockerWithOptions } from './docker-start.ts'
import { fixesOf } from './fixes.ts'
import { restartFix } from './restart-daemon.ts'
import { deleteKey } from './steps.ts'

const healthy = (): ClusterSnapshot => buildCluster({ hosts: 2, backend: 'vxlan' })

const DOCKER: Docker = { running: true, pid: 77, argv: ['dockerd'], daemonJson: {}, networks: [] }

function commandsOf(
  cluster: ClusterSnapshot,
  restart: 'flanneld' | 'docker',
  options: readonly string[] = [],
): readonly string[] {
  const host = cluster.hosts.get('h1')
  return host === undefined
    ? []
    : restartFix(host, { restart, options }, { values: { value: '/a b' }, snapshot: cluster }).map(
        ({ command }) => command,
      )
}

function withUnit(name: string, command: string): ClusterSnapshot {
  const unit = builtUnit(name, { commands: [command] })
  return withHost(healthy(), 'h1', () => ({ services: builtServices(unit), docker: DOCKER }))
}

test('flanneld without a unit is started again with its own words and what is to be other', (t) => {
  const bare = withHost(healthy(), 'h1', () => ({ services: new Map() }))
  const [command = ''] = commandsOf(bare, 'flanneld', ['-etcd-prefix={value}'])
  t.regex(command, /^xargs -0 -a \/proc\/\d+\/cmdline setsid -f sh -c '/)
  t.true(command.includes(String.raw`exec "$@" -etcd-prefix='\''/a b'\''`), command)
})

test('a flanneld that is gone is started as its log says, by the program of the others', (t) => {
  const dead = (line: string, place = 'main.go:229'): ClusterSnapshot =>
    withHost(
      withHost(healthy(), 'h2', ({ flanneld: { processes } }) => ({
        flanneld: { processes: processes.map((one) => ({ ...one, argv: ['/opt/flanneld', '-ip-masq'] })) },
      })),
      'h1',
      () => ({
        services: new Map(),
        flanneld: { processes: [] },
        flanneldLog: {
          tails: [{ from: 'file', name: '/var/log/f.log', lines: [{ raw: line, text: line, place }] }],
        },
      }),
    )
  const flags =
    'etcdEndpoints:http://192.0.2.1:2379 etcdPrefix:/n etcdKeyfile: etcdUsername: kubeSubnetMgr:false iface:[eth0 eth1] ifaceRegex:[] ipMasq:true publicIP:'
  t.deepEqual(commandsOf(dead(`CLI flags config: {${flags}}`), 'flanneld'), [
    'setsid -f /opt/flanneld -etcd-endpoints=http://192.0.2.1:2379 -etcd-prefix=/n -iface=eth0 -iface=eth1 -ip-masq=true </dev/null >>/var/log/f.log 2>&1',
  ])
  for (const line of [
    flags.replace('etcdUsername:', 'etcdUsername:root'),
    flags.replace('kubeSubnetMgr:false', 'kubeSubnetMgr:true'),
    flags.replace('/n', '/n;reboot'),
  ])
    t.deepEqual(commandsOf(dead(`CLI flags config: {${line}}`), 'flanneld'), [], line)
  const asksKubernetes = dead(
    `CLI flags config: {${flags.replace('kubeSubnetMgr:false', 'kubeSubnetMgr:true')}}`,
  )
  t.regex(
    commandsOf(asksKubernetes, 'flanneld', ['-kube-subnet-mgr=false'])[0] ?? '',
    /-ip-masq=true -kube-subnet-mgr=false </,
  )
  t.deepEqual(commandsOf(dead(`CLI flags config: {${flags}}`, 'registry.go:1'), 'flanneld'), [])
})

const FILE = '/etc/systemd/system/flanneld.service.d/zz-flannel-options.conf'

test('a second fix of the same unit leaves the words of the first', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'drop-in-'))
  const unit = withUnit('flanneld.service', '/usr/bin/flanneld $OPTIONS')
  for (const option of ['-iface=eth1', '-etcd-prefix=/n']) {
    const [command = ''] = commandsOf(unit, 'flanneld', [option])
    const { end } = await run(['sh', '-ec', command.replaceAll('/etc/systemd', folder)], {
      timeoutMs: 10_000,
    })
    t.deepEqual(end, { exit: 0 })
  }
  const file = FILE.replace('/etc/systemd', folder)
  t.is(
    await readFile(file, 'utf8'),
    '[Service]\nExecStart=\nExecStart=/usr/bin/flanneld $OPTIONS -iface=eth1 -etcd-prefix=/n\n',
  )
  await rm(folder, { recursive: true })
})

test('a unit gets a file with its command line and the option', (t) => {
  const commands = commandsOf(withUnit('flanneld.service', '/usr/bin/flanneld $OPTIONS'), 'flanneld', [
    '-iface=eth1',
  ])
  t.deepEqual(commands, [
    String.raw`[ -e ${FILE} ] && sed -i '$s|$| -iface=eth1|' ${FILE} || { mkdir -p /etc/systemd/system/flanneld.service.d && printf '[Service]\nExecStart=\nExecStart=/usr/bin/flanneld $OPTIONS -iface=eth1\n' > ${FILE}; }`,
    'systemctl daemon-reload',
    'systemctl restart flanneld',
  ])
})

test('a command line that cannot be written again gives no command', (t) => {
  for (const command of [
    '/bin/sh -c "x y"',
    '/usr/bin/flanneld -p ********',
    '/usr/bin/flanneld %i',
    "/bin/x 'a'",
  ])
    t.deepEqual(commandsOf(withUnit('flanneld.service', command), 'flanneld', ['-iface=eth1']), [], command)
})

test('Docker takes what ran in it along', (t) => {
  t.deepEqual(commandsOf(withUnit('docker.service', '/usr/bin/dockerd'), 'docker'), [
    'ids=$(docker ps -q); systemctl restart docker; [ -z "$ids" ] || docker start $ids',
  ])
  const own = withHost(healthy(), 'h1', () => ({
    docker: { ...DOCKER, argv: ['dockerd', '--host=unix:///run/d.sock'] },
  }))
  const [command = ''] = commandsOf(own, 'docker', ['--mtu=1450'])
  t.regex(
    command,
    /^xargs -0 -a \/proc\/77\/cmdline setsid -f sh -c 'ids=\$\(docker -H unix:\/\/\/run\/d\.sock ps -q\); log=\/proc\/77\/fd\/2;/,
  )
  t.true(command.includes('"$@" --mtu=1450 & '), command)
})

test('an option of daemon.json is not given as a flag too', (t) => {
  const values = {
    network: { address: 0, length: 8 },
    subnet: { address: 0x0a020101, length: 24 },
    mtu: 1450,
    ipMasq: true,
  }
  const [step] = dockerWithOptions(DOCKER, values)
  t.like(step, { options: ['--bip=10.2.1.1/24', '--ip-masq=false', '--mtu=1450'] })
  t.deepEqual(dockerWithOptions({ ...DOCKER, daemonJson: { bip: '10.2.1.1/24' } }, values), [])
})

test('a configuration that is gone is written from what hosts show of it', (t) => {
  const gone = withoutFact(healthy(), '', { name: 'config', why: 'missing', detail: 'no key' })
  t.deepEqual(JSON.parse(writeRunningConfig(gone).data.configText ?? ''), {
    Network: '10.2.0.0/16',
    Backend: { Type: 'vxlan' },
  })
  const other = withHost(gone, 'h2', ({ subnetEnv }) => ({
    subnetEnv: { ...subnetEnv, network: { address: 0x0a090000, length: 16 } },
  }))
  t.deepEqual(writeRunningConfig(other), { heal: [], data: {} })
})

test('a key under a wrong name or at a wrong place becomes the option it is meant to be', (t) => {
  const written = (text: string, ...keys: string[]): string | undefined =>
    optionNames(withConfig(healthy(), { text, unknownKeys: keys }), keys).data.configText
  t.is(written('{"SubnetLength":25,"Network":"n"}', 'SubnetLength'), '{"Network":"n","SubnetLen":25}')
  t.is(written('{"VNI":5,"Backend":{"Type":"vxlan"}}', 'VNI'), '{"Backend":{"Type":"vxlan","VNI":5}}')
  t.is(written('{"VNI":5,"Backend":{"vni":4}}', 'VNI'), undefined)
  t.is(written('{"Sub":1}', 'Sub'), undefined)
  t.is(written('{"x.VNI":1}', 'x.VNI'), undefined)
})

test('a key is copied from one store to the other', (t) => {
  const snapshot = healthy()
  const step = {
    on: 'datastore',
    etcd: 'copy',
    key: '{key}',
    from: 'observed',
    api: 'expected',
    effect: '',
  } as const
  const values = { key: '/n/config', observed: 'v2', expected: 'v3' }
  const [fix] = fixesOf([step], { subject: {}, values, snapshot })
  t.regex(
    fix?.command ?? '',
    /^ETCDCTL_API=2 etcdctl --endpoints=\S+ get \/n\/config \| ETCDCTL_API=3 etcdctl --endpoints=\S+ put \/n\/config$/,
  )
})

test('a key that cannot be shown as it is has no command that would miss it', (t) => {
  const snapshot = healthy()
  const deletes = (key: string): readonly string[] =>
    fixesOf([deleteKey('{key}', 'it is gone')], { subject: {}, values: { key }, snapshot }).map(
      ({ command }) => command,
    )
  t.regex(deletes('/coreos.com/network/subnets/a b').join(), /etcdctl .* del '.*a b'$/)
  for (const key of ['x\u001b[2J', '\u202ex', 'x'.repeat(300)]) t.deepEqual(deletes(printable(key)), [])
})
