import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { FlanneldProcess } from '../../checks/model/daemon.ts'
import type { Inventory } from './inventory.ts'
import {
  isInCluster,
  type KubernetesTarget,
  kubernetesOfNode,
  kubernetesRequest,
} from './kubernetes-target.ts'
import { parseInventory } from './parse.ts'
import { applyFlanneld, targetsFromOptions } from './targets.ts'

const OPEN: Inventory = { etcd: {}, hosts: [{ name: 'h1', via: 'local:' }], complete: false }

function flanneld(argv: readonly string[]): FlanneldProcess {
  return { pid: 7, argv: ['/opt/bin/flanneld', ...argv], environment: {} }
}

const NOWHERE = join(import.meta.dirname, 'no-kubeconfig')

test('a kubeconfig: flags before the inventory, a person before flanneld, and what kubectl reads where nobody says', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-kubeconfig-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'config')
  const parts = {
    clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:1' } }],
    contexts: [{ name: 'c', context: { cluster: 'k' } }],
  }
  writeFileSync(file, JSON.stringify(parts))
  const told = flanneld(['--kube-subnet-mgr', `--kubeconfig-file=${file}`])
  t.deepEqual(applyFlanneld(OPEN, told).kubernetes, { kubeconfig: file, isTold: true })
  t.deepEqual(applyFlanneld(OPEN, told, 'netns://h1').kubernetes?.via, 'netns://h1')
  t.deepEqual(applyFlanneld(OPEN, told, 'ssh://h1').kubernetes, {})
  const absent = flanneld(['--kube-subnet-mgr', `--kubeconfig-file=${NOWHERE}`])
  t.deepEqual(applyFlanneld(OPEN, absent).kubernetes, { isOnNode: true })
  const named = await targetsFromOptions({ kubeconfig: file, context: 'c' }, {})
  t.deepEqual(named.kubernetes, { kubeconfig: file, context: 'c' })
  t.deepEqual(applyFlanneld(named, told).kubernetes, { kubeconfig: file, context: 'c' })
  const paths = (target: KubernetesTarget, env = {}) => kubernetesRequest(target, env).kubeconfig
  t.deepEqual(paths({ kubeconfig: file }, { KUBECONFIG: '/a' }), [file])
  t.deepEqual(paths({ kubeconfig: file, isTold: true }, { KUBECONFIG: '/a:/b' }), ['/a', '/b'])
  t.deepEqual(paths({ kubeconfig: file, isTold: true }), [file])
  await t.throwsAsync(targetsFromOptions({ kubeconfig: NOWHERE }, {}), {
    message: `kubeconfig ${NOWHERE}: no such file`,
  })
})

test('a cluster as datastore', (t) => {
  const hosts = 'hosts: [{ name: h1, via: "local:" }]'
  const text = `datastore: { kube: { kubeconfig: admin.conf, context: c, namespace: n, via: netns://h1 } }\n${hosts}\n`
  t.deepEqual(parseInventory(text, '/etc/doctor/hosts.yaml').kubernetes, {
    ...{ kubeconfig: '/etc/doctor/admin.conf', context: 'c', namespace: 'n', via: 'netns://h1' },
  })
  t.deepEqual(parseInventory(`datastore: { kube: {} }\n${hosts}`, 'hosts.yaml').kubernetes, {})
  const both = `etcd: { endpoints: [http://e:2379] }\ndatastore: { kube: {} }\n${hosts}`
  t.throws(() => parseInventory(both, 'hosts.yaml'), {
    message: /expected etcd or datastore\.kube, got both/,
  })
  t.throws(() => parseInventory(`datastore: { kube: { token: x } }\n${hosts}`, 'hosts.yaml'), {
    message: /token/,
  })
})

test('on a node root finds what the cluster left there, and only what nobody else may write', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-node-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [open, own] = ['admin.conf', 'k3s.yaml'].map((name) => join(folder, name)) as [string, string]
  for (const path of [open, own]) writeFileSync(path, '')
  chmodSync(open, 0o666)
  chmodSync(own, 0o600)
  const isRoot = process.getuid?.() === 0
  const found = isRoot ? [own] : []
  const home = process.env.HOME
  process.env.HOME = folder
  t.teardown(() => {
    process.env.HOME = home
  })
  const paths = (target: KubernetesTarget, env = {}) => kubernetesRequest(target, env, [open, own]).kubeconfig
  t.deepEqual(paths(kubernetesOfNode('local:')), found)
  t.deepEqual(paths(applyFlanneld(OPEN, flanneld(['--kube-subnet-mgr'])).kubernetes ?? {}), found)
  t.deepEqual(
    paths(kubernetesOfNode('ssh://h1')),
    [],
    'another node is of another cluster, for all that is known',
  )
  t.deepEqual(paths(kubernetesOfNode('local:'), { KUBECONFIG: '/a' }), ['/a'])
  t.false(isInCluster({}))
  t.false(isInCluster({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }), 'without a token this is no pod')
})
