import test from 'ava'
import type { FlanneldProcess } from '../model/daemon.ts'
import { flanneldFor, flanneldOptions } from './flanneld-options.ts'

function flanneld(words: readonly string[], environment: Record<string, string> = {}): FlanneldProcess {
  return { pid: 1, argv: ['/usr/local/bin/flanneld', ...words], environment }
}

const options = (...words: readonly string[]) => flanneldOptions(flanneld(words))

test('without flags and environment flannel’s own defaults hold', (t) => {
  t.deepEqual(options(), {
    etcdEndpoints: ['http://127.0.0.1:4001', 'http://127.0.0.1:2379'],
    etcdPrefix: '/coreos.com/network',
    iface: [],
    ifaceRegex: [],
    subnetFile: '/run/flannel/subnet.env',
    ipMasq: false,
    iptablesForwardRules: true,
    iptablesResyncSeconds: 5,
    renewMarginMinutes: 60,
    kubeSubnetMgr: false,
  })
})

const BOOLEANS: readonly (readonly [words: readonly string[], ipMasq: boolean])[] = [
  [['-ip-masq'], true],
  [['--ip-masq'], true],
  [['-ip-masq=true'], true],
  [['--ip-masq=1'], true],
  [['-ip-masq=T'], true],
  [['-ip-masq=false'], false],
  [['-ip-masq=0'], false],
  [['-ip-masq', 'false'], true],
  [['-ip-masq=true', '-ip-masq=false'], false],
  [['-v', '2', '-ip-masq'], true],
  [['word', '-ip-masq'], false],
  [['--', '-ip-masq'], false],
]

for (const [words, ipMasq] of BOOLEANS) {
  test(`${words.join(' ')} means ip-masq ${ipMasq}`, (t) => {
    t.is(options(...words).ipMasq, ipMasq)
  })
}

test('values follow = or stand alone', (t) => {
  t.is(options('-etcd-prefix=/a=b').etcdPrefix, '/a=b')
  t.is(options('--etcd-prefix', '/atomic.io/network').etcdPrefix, '/atomic.io/network')
  t.is(options('-public-ip', '192.0.2.7').publicIp, '192.0.2.7')
  t.is(options('-subnet-file').subnetFile, '/run/flannel/subnet.env')
  t.deepEqual(options('-etcd-endpoints=http://a:1,http://b:2').etcdEndpoints, ['http://a:1', 'http://b:2'])
})

test('iface and iface-regex repeat', (t) => {
  t.deepEqual(options('-iface=eth1', '-iface', 'eth0', '--iface-regex=^ens').iface, ['eth1', 'eth0'])
  t.deepEqual(options('-iface-regex=^ens', '-iface-regex=^eth').ifaceRegex, ['^ens', '^eth'])
})

test('a flag wins over the environment, an empty variable counts as absent', (t) => {
  const environment = {
    FLANNELD_IFACE: 'eth1',
    FLANNELD_IP_MASQ: 'true',
    FLANNELD_ETCD_PREFIX: '/from/environment',
    FLANNELD_SUBNET_FILE: '',
  }
  const read = flanneldOptions(flanneld(['-etcd-prefix=/from/flag'], environment))
  t.deepEqual(read.iface, ['eth1'])
  t.true(read.ipMasq)
  t.is(read.etcdPrefix, '/from/flag')
  t.is(read.subnetFile, '/run/flannel/subnet.env')
})

test('numbers that are none keep the default', (t) => {
  t.is(options('-iptables-resync=30').iptablesResyncSeconds, 30)
  t.is(options('-iptables-resync=soon').iptablesResyncSeconds, 5)
  t.is(options('-subnet-lease-renew-margin=-1').renewMarginMinutes, 60)
})

test('of several flanneld the one with the prefix counts', (t) => {
  const one = { ...flanneld(['-etcd-prefix=/one']), pid: 1 }
  const two = { ...flanneld(['-etcd-prefix=/two/']), pid: 2 }
  const processes = [one, two]
  t.is(flanneldFor({ processes }, '/two')?.pid, 2)
  t.is(flanneldFor({ processes }, '/three')?.pid, 1)
  t.is(flanneldFor({ processes }, undefined)?.pid, 1)
  t.is(flanneldFor({ processes: [] }, '/one'), undefined)
})
