import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { FlanneldProcess } from '../../checks/model/daemon.ts'
import { InputError } from '../input-error.ts'
import type { Inventory } from './inventory.ts'
import { applyFlanneld, etcdRequest, targetsFromOptions } from './targets.ts'

function flanneld(argv: readonly string[], environment: Record<string, string> = {}): FlanneldProcess {
  return { pid: 7, argv: ['/opt/bin/flanneld', ...argv], environment }
}

async function inventoryFile(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flannel-doctor-targets-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'hosts.yaml')
  await writeFile(path, text)
  return path
}

const OPEN: Inventory = { etcd: {}, hosts: [{ name: 'a', via: 'local:' }], complete: false }

test('nothing given: this machine and flannel defaults', async (t) => {
  const inventory = await targetsFromOptions({}, {})
  t.deepEqual(inventory, { etcd: {}, hosts: [{ name: hostname(), via: 'local:' }], complete: false })
  t.deepEqual(etcdRequest(inventory.etcd), {
    endpoints: ['http://127.0.0.1:2379', 'http://127.0.0.1:4001'],
    prefix: '/coreos.com/network',
    api: 'auto',
  })
})

test('flags win over the inventory file, which wins over the environment', async (t) => {
  const inventory = await inventoryFile(
    t,
    'etcd: { endpoints: ["http://file:1"], prefix: /file }\nhosts: [{ name: a, via: "netns://a", subnetFile: /a.env }]\n',
  )
  const ca = `${inventory}.pem`
  await writeFile(ca, '-----BEGIN CERTIFICATE-----\n')
  const env = {
    ETCDCTL_ENDPOINTS: 'http://env:1',
    FLANNELD_ETCD_PREFIX: '/env',
    ETCDCTL_CACERT: ca,
    ETCDCTL_USER: 'someone:from-env',
  }
  t.like(await targetsFromOptions({ inventory }, env), {
    etcd: {
      endpoints: ['http://file:1'],
      prefix: '/file',
      ca,
      user: 'someone',
      password: 'from-env',
    },
    hosts: [{ name: 'a', via: 'netns://a', subnetFile: '/a.env' }],
    complete: true,
  })
  const options = {
    inventory,
    etcd: 'http://flag:1, https://flag:2',
    etcdPrefix: '/flag',
    etcdApi: 'v2',
    etcdUser: 'me:a:b',
    subnetFile: '/flag.env',
    host: ['netns://a', 'netns://b'],
  }
  t.deepEqual(await targetsFromOptions(options, env), {
    etcd: {
      endpoints: ['http://flag:1', 'https://flag:2'],
      prefix: '/flag',
      api: 'v2',
      ca,
      user: 'me',
      password: 'a:b',
    },
    hosts: [
      { name: 'a', via: 'netns://a', subnetFile: '/flag.env' },
      { name: 'b', via: 'netns://b', subnetFile: '/flag.env' },
    ],
    complete: true,
  })
})

test("a password stays with its user: another user does not get the environment's", async (t) => {
  const { etcd } = await targetsFromOptions({ etcdUser: 'me' }, { ETCDCTL_USER: 'other:secret' })
  t.deepEqual(etcd, { user: 'me' })
  const apart = await targetsFromOptions({ etcdUser: 'me' }, { ETCDCTL_PASSWORD: 'word' })
  t.deepEqual(apart.etcd, { user: 'me', password: 'word' })
})

test('one --host does not claim to be the whole network', async (t) => {
  t.false((await targetsFromOptions({ host: ['netns://a'] }, {})).complete)
  t.true((await targetsFromOptions({ host: ['netns://a', 'netns://b'] }, {})).complete)
})

for (const [title, options, expected] of [
  ['host', { host: ['h1'] }, /^not a host URL: "h1": expected local:/],
  ['twice the same host', { host: ['netns://a', 'docker://a'] }, /^--host: two hosts would be named a/],
  ['etcd', { etcd: 'ftp://x' }, /^--etcd: expected URL\[,URL\] such as .*, got "ftp:\/\/x"$/],
  ['empty etcd', { etcd: ',' }, /^--etcd: expected URL/],
  ['etcd API', { etcdApi: 'v1' }, /^--etcd-api: expected auto, v2 or v3, got "v1"$/],
  [
    'certificate file',
    { etcdCa: `${import.meta.dirname}/absent.pem` },
    /^etcd ca \/.*\/absent\.pem: no such file$/,
  ],
  [
    'inventory',
    { inventory: `${import.meta.dirname}/absent.yaml` },
    /^inventory \/.*\/absent\.yaml: no such file$/,
  ],
] as const) {
  test(`wrong flag: ${title}`, async (t) => {
    await t.throwsAsync(targetsFromOptions(options, {}), { instanceOf: InputError, message: expected })
  })
}

test('flanneld: flags in all forms, over its environment', (t) => {
  const process = flanneld(
    [
      '-etcd-endpoints=http://a:2379,http://b:2379',
      '--etcd-prefix=/kube-centos/network',
      '-etcd-certfile',
      '/tls/cert.pem',
      '--etcd-keyfile',
      '/tls/key.pem',
      '-ip-masq',
      '-subnet-file=/run/x/subnet.env',
    ],
    { FLANNELD_ETCD_PREFIX: '/env', FLANNELD_ETCD_CAFILE: '/tls/ca.pem', FLANNELD_ETCD_PASSWORD: '***' },
  )
  t.deepEqual(applyFlanneld(OPEN, process), {
    etcd: {
      endpoints: ['http://a:2379', 'http://b:2379'],
      prefix: '/kube-centos/network',
      ca: '/tls/ca.pem',
      cert: '/tls/cert.pem',
      key: '/tls/key.pem',
    },
    hosts: [{ name: 'a', via: 'local:', subnetFile: '/run/x/subnet.env' }],
    complete: false,
  })
})

test('flanneld fills only what is open', (t) => {
  const process = flanneld([
    '-etcd-endpoints=http://a:1',
    '-etcd-prefix=/p',
    '-etcd-username=u',
    '-etcd-password=w',
  ])
  const named: Inventory = { ...OPEN, etcd: { endpoints: ['http://mine:1'] } }
  t.deepEqual(applyFlanneld(named, process).etcd, { endpoints: ['http://mine:1'], prefix: '/p' })
  const prefixed: Inventory = { ...OPEN, etcd: { prefix: '/mine' } }
  t.like(applyFlanneld(prefixed, process).etcd, {
    endpoints: ['http://a:1'],
    prefix: '/mine',
    user: 'u',
    password: 'w',
  })
})

test('flanneld in another network: etcd is read from there', (t) => {
  const process = flanneld(['-etcd-endpoints=http://a:1'])
  t.is(applyFlanneld(OPEN, process, 'netns://h1').etcd.via, 'netns://h1')
  t.is(applyFlanneld(OPEN, flanneld([]), 'netns://h1').etcd.via, 'netns://h1')
  const named: Inventory = { ...OPEN, etcd: { endpoints: ['http://mine:1'] } }
  t.is(applyFlanneld(named, process, 'netns://h1').etcd.via, undefined)
})

test('flanneld with the Kubernetes subnet manager: its API is asked, unless an etcd was named', (t) => {
  const process = flanneld(['--ip-masq', '--kube-subnet-mgr'])
  t.deepEqual(applyFlanneld(OPEN, process).kubernetes, { isOnNode: true })
  const named: Inventory = { ...OPEN, etcd: { endpoints: ['http://mine:1'] } }
  t.deepEqual(applyFlanneld(named, process).etcd.endpoints, ['http://mine:1'])
})
