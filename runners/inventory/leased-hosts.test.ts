/** Hosts out of leases, and what of a lease becomes none. */
import test from 'ava'
import { parseAddress } from '../../checks/model/address.ts'
import type { Lease } from '../../checks/model/lease.ts'
import { present } from '../../checks/model/present.ts'
import { InputError } from '../input-error.ts'
import type { HostTarget, Inventory } from './inventory.ts'
import { leasedUrlProblem, withLeasedHosts } from './leased-hosts.ts'
import { parseInventory } from './parse.ts'

const lease = (publicIp: string, node?: string): Lease => ({
  key: `/net/subnets/${publicIp}`,
  subnet: { address: 0x0a050100, length: 24 },
  publicIp: parseAddress(publicIp) ?? 0,
  revision: 1,
  ...present({ node }),
})

const inventory = (hosts: readonly HostTarget[] = [], url = 'ssh://core@{publicIp}:2222'): Inventory => ({
  etcd: {},
  hosts,
  fromLeases: { url, sshConfig: '/etc/lab' },
  complete: true,
})

test('every public IP is one host, named by its node where it has one, in the order of addresses', (t) => {
  const leases = [lease('192.0.2.12', 'n2'), lease('192.0.2.11'), lease('192.0.2.11')]
  t.deepEqual(withLeasedHosts(inventory(), leases).inventory, {
    etcd: {},
    hosts: [
      { name: '192.0.2.11', via: 'ssh://core@192.0.2.11:2222', sshConfig: '/etc/lab' },
      { name: 'n2', via: 'ssh://core@192.0.2.12:2222', sshConfig: '/etc/lab' },
    ],
    complete: true,
  })
})

test('an address of no host gives none', (t) => {
  const all = ['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255']
  const { inventory: leased, refused } = withLeasedHosts(
    inventory(),
    [...all, '223.255.255.254'].map((ip) => lease(ip)),
  )
  t.deepEqual(refused, all)
  t.deepEqual(
    leased.hosts.map(({ name }) => name),
    ['223.255.255.254'],
  )
})

test('a host that is named stays as it is named, with or without a lease; one that cannot be compared is refused', (t) => {
  const named = [
    { name: 'h1', via: 'ssh://192.0.2.11', subnetFile: '/h1.env' },
    { name: 'h9', via: 'ssh://192.0.2.19' },
  ]
  t.deepEqual(
    withLeasedHosts(inventory(named), [lease('192.0.2.11'), lease('192.0.2.12')]).inventory.hosts.map(
      ({ name }) => name,
    ),
    ['h1', 'h9', '192.0.2.12'],
  )
  for (const via of ['ssh://node1', 'local:', 'netns://h1'])
    t.throws(() => withLeasedHosts(inventory([{ name: 'a', via }]), []), {
      instanceOf: InputError,
      message: /public IP/,
    })
})

test('only {publicIp} in the place of the address is taken', (t) => {
  for (const url of ['ssh://{publicIp}', 'ssh://core@{publicIp}', 'ssh://core@{publicIp}:22'])
    t.is(leasedUrlProblem(url), undefined, url)
  for (const url of [
    '',
    'ssh://h1',
    'ssh://{publicIp}@h1',
    'ssh://{publicIp}.example.com',
    'ssh://a{publicIp}',
    'ssh://core@{publicIp}:{publicIp}',
    'ssh://{subnet}@{publicIp}',
    'ssh://-oProxyCommand=x@{publicIp}',
    'docker://{publicIp}',
    'netns://{publicIp}',
    'ssh://core@{publicIp}:99999',
  ])
    t.truthy(leasedUrlProblem(url), url)
})

test('an inventory says so in place of its hosts', (t) => {
  const parsed = parseInventory(
    'sshConfig: lab\nhosts: { fromLeases: "ssh://core@{publicIp}" }\n',
    '/x/hosts.yaml',
  )
  t.deepEqual(parsed, {
    etcd: {},
    hosts: [],
    fromLeases: { url: 'ssh://core@{publicIp}', sshConfig: '/x/lab' },
    complete: true,
  })
  const refusal = (text: string) =>
    t.throws(() => parseInventory(text, 'hosts.yaml'), { instanceOf: InputError }).message
  t.regex(
    refusal('hosts: { fromLeases: "ssh://core@h1" }'),
    /^hosts\.yaml:1:\d+: hosts\.fromLeases: expected ssh:\/\/\[user@\]\{publicIp\}/,
  )
  t.regex(refusal('hosts: { fromLease: x }'), /did you mean "fromLeases"/)
  t.regex(refusal('hosts: {}'), /hosts\.fromLeases: expected/)
  t.regex(refusal('hosts: 7'), /a list of hosts, or fromLeases/)
})
