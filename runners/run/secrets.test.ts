/**
 * A secret in every place where a host of flannel keeps one: none is in a section, so in no saved state, and none in a
 * report of any format. The host is a mount, process and network namespace with files of its own; systemd alone is played.
 */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { REPORTERS } from '../../reports/registry.ts'
import { PLAIN } from '../../reports/reports-for-tests.ts'
import { collectHost } from '../collect/collect.ts'
import type { SavedState } from '../collect/saved/saved-state.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { open } from '../hosts/command/spawn.ts'
import { localRunner } from '../hosts/local.ts'
import { needs } from '../test-needs.ts'
import { judge } from './judging/judge.ts'
import { JUDGE_ALL } from './run-inventory.ts'
import { clusterOfState } from './saved/saved-cluster.ts'

const SECRET = 'canary-5c1e'
const KEY = `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`
const CNI = `{"name":"cbr0","plugins":[{"type":"flannel","TOKEN":"a\\"${SECRET}","x_Password" : "${SECRET}"}]}`
const NET_CONF = `{"Network":"10.5.0.0/16","Backend":{"Type":"ali-vpc","AccessKeyID":"${SECRET}","AccessKeySecret":"${SECRET}","psk":"${SECRET}"}}`

/** Files by their paths; the folders of the machine that hold them are hidden from this host. */
const FILES: Readonly<Record<string, string>> = {
  '/etc/docker/daemon.json': `{"bip":"10.5.1.1/24","registry-token":"${SECRET}","log-opts":{"splunk-token":"${SECRET}"},"proxies":{"http-proxy":"http://u:${SECRET}@p"}}`,
  '/etc/default/docker': `HTTP_PROXY=http://u:${SECRET}@p\nDOCKER_OPTS="--mtu=1450 --log-opt splunk-token=${SECRET}"\n`,
  '/etc/sysconfig/docker-network': `DOCKER_NETWORK_OPTIONS="--bip=10.5.1.1/24 --cluster-store-opt kv.password=${SECRET}"\n${SECRET}\n`,
  '/etc/default/flanneld': `FLANNELD_ETCD_PASSWORD=${SECRET}\n`,
  '/etc/systemd/system/flanneld.service.d/10.conf': `[Service]\nEnvironment=FLANNELD_ETCD_PASSWORD=${SECRET}\n`,
  '/etc/kubernetes/kubelet.conf': `users:\n- user:\n    token: ${SECRET}\n    client-key-data: ${SECRET}\n`,
  '/etc/cni/net.d/10-flannel.conflist': CNI,
  '/etc/cni/net.d/calico.kubeconfig': `token: ${SECRET}\n`,
  '/etc/kube-flannel/net-conf.json': NET_CONF,
  '/etc/ssl/ca.pem': `${KEY}\n`,
  '/etc/ssl/key.pem': `${KEY}\n`,
  '/run/flannel/subnet.env': `FLANNEL_NETWORK=10.5.0.0/16\nFLANNEL_SUBNET=10.5.1.1/24\nFLANNEL_MTU=1450\nPASSWORD=${SECRET}\n`,
  '/run/secrets/kubernetes.io/serviceaccount/token': SECRET,
  '/run/flanneld.log': `I1128 05:00:00.000000       1 main.go:211] CLI flags config: {etcdUsername:u etcdPassword:a ${SECRET} b version:false}\nE1128 05:00:00.000000       1 main.go:1] Get "http://u:${SECRET}@h:2379/x": refused\n`,
  '/var/lib/cni/results/cbr0-1-eth0': `{"kind":"cniCacheV1","containerId":"1","cniArgs":[["K8S_POD_NAME","p"],["token","${SECRET}"]],"config":"${SECRET}"}`,
  '/var/lib/cni/flannel/1': `{"type":"bridge","token":"${SECRET}"}`,
}

const UNIT = `Id=flanneld.service
LoadState=loaded
EnvironmentFiles=/etc/default/flanneld (ignore_errors=no)
ExecStart={ path=/flanneld ; argv[]=/flanneld -etcd-password ${SECRET} -etcd-username=u ; ignore_errors=no }
ExecStart={ path=/flanneld ; argv[]=/flanneld --token=${SECRET} ; ignore_errors=no }`

const FLANNELD = `FLANNELD_ETCD_PASSWORD=${SECRET} FLANNELD_X_TOKEN=${SECRET} MY_SECRET=${SECRET} /run/bin/flanneld -kube-subnet-mgr -etcd-password=${SECRET} -etcd-password ${SECRET} -etcd-endpoints=http://u:${SECRET}@h:2379 -etcd-cafile=/etc/ssl/ca.pem -etcd-keyfile=/etc/ssl/key.pem 2>>/run/flanneld.log`
const DOCKERD = `/run/bin/dockerd --bip=10.5.1.1/24 --log-opt splunk-token=${SECRET} --registry-token=${SECRET} -H tcp://u:${SECRET}@h:1`

/** Run in new namespaces; the delimiter of each file is none of its lines. */
const HOST = `set -e
for dir in /etc /run /var/lib /usr/local/bin; do mount -t tmpfs none $dir; done
mkdir -p /run/bin /run/systemd/system
${Object.entries(FILES)
  .map(
    ([path, text]) =>
      `mkdir -p ${path.replace(/\/[^/]*$/, '')}\ncat >${path} <<'END-OF-FILE'\n${text}\nEND-OF-FILE`,
  )
  .join('\n')}
cat >/usr/local/bin/systemctl <<'END-OF-FILE'
#!/bin/sh
cat <<'END-OF-UNIT'
${UNIT}
END-OF-UNIT
END-OF-FILE
for name in flanneld dockerd; do printf '#!/bin/sh\\nwhile :; do sleep 1; done\\n' >/run/bin/$name; done
chmod 755 /usr/local/bin/systemctl /run/bin/*
${FLANNELD} &
${DOCKERD} &
while ! [ "$(cat /proc/[0-9]*/comm | grep -cE '^(flanneld|dockerd)$')" = 2 ]; do sleep 0.05; done
echo ready
wait`

/** A runner in the namespaces of a host that was started. */
async function withHost<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
  const host = await open([
    'unshare',
    '--mount',
    '--net',
    '--pid',
    '--fork',
    '--mount-proc',
    'sh',
    '-c',
    HOST,
  ])
  try {
    for await (const chunk of host.stdout) if (Buffer.from(chunk).includes('ready')) break
    const first = readFileSync(`/proc/${host.pid}/task/${host.pid}/children`, 'utf8').trim()
    const enter = ['nsenter', '--target', first, '--mount', '--net', '--pid', '--']
    const local = localRunner('h1')
    return await work({ ...local, run: (argv, options) => local.run([...enter, ...argv], options) })
  } finally {
    await host.stop(0)
  }
}

needs(
  test,
  'root',
  'netns',
)('a secret of a host is in no section, and in no report', async (t) => {
  const { sections, problem } = await withHost((runner) => collectHost(runner))
  t.is(problem, undefined)
  const raw = JSON.stringify(sections)
  t.is(/.{120}canary.{40}/.exec(raw)?.[0], undefined)
  for (const read of ['bip=10.5.1.1/24', 'FLANNEL_MTU=1450', 'etcdPassword:********', 'cbr0', 'ali-vpc'])
    t.true(raw.includes(read), `${read}: its place was read`)
  t.true(raw.includes('argv[]=/flanneld -etcd-password ********'), 'units were read')
  t.regex(raw, /option=etcd-keyfile\\npath=\/etc\/ssl\/key\.pem\\nstate=present/)

  const store = {
    present: true,
    revision: 1,
    entries: [{ key: '/coreos.com/network/config', value: NET_CONF, revision: 1 }],
  }
  const state: SavedState = {
    meta: {
      schemaVersion: 1,
      kind: 'recorded',
      tool: 'flannel-doctor',
      at: '2026-01-01T00:00:00.000Z',
      hosts: [],
      complete: true,
    },
    hosts: [{ name: 'h1', via: 'local:', settings: { containers: [] }, sections }],
    datastore: {
      prefix: '/coreos.com/network',
      endpoints: [{ url: 'http://h:2379', reachable: true }],
      v2: null,
      v3: store,
    },
  }
  const { snapshot } = await clusterOfState(state, 'state')
  t.true(snapshot.datastore.config.known)
  const run = {
    tool: 'flannel-doctor',
    version: '0',
    startedAt: state.meta.at,
    durationMs: 1,
    level: 'read-only',
    argv: [],
  } as const
  const report = judge(snapshot, { run, commands: [] }, JUDGE_ALL)
  t.true(report.causes.length > 0)
  for (const [name, { load }] of Object.entries(REPORTERS))
    t.false((await load())(report, PLAIN).includes('canary'), name)
})
