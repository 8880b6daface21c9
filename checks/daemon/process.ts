// flanneld must stay: it renews the lease, follows the peers' leases and, for udp, carries every packet
// (`main.go`; `pkg/backend/udp/udp_network_amd64.go`). vxlan and host-gw routes outlive it, frozen: the
// host loses touch as peers change, and its lease ends within 24 h. It ends by itself when its lease
// is lost, with exit status 0, so that a unit with Restart=on-failure leaves it dead.
import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { isCarriedByFlanneld } from '../expected/backend.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { complaintsOf } from '../expected/flanneld-complaints.ts'
import { flanneldOptions } from '../expected/flanneld-options.ts'
import { asksForPeers } from '../expected/vtep-link.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { FlanneldProcess } from '../model/daemon.ts'
import { embedsFlannel } from '../model/node.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { NOT_UP } from './log-finding-kinds.ts'

const LONGEST_QUOTE = 200

type Code = 'not-running' | 'options-as-one-word' | 'several' | 'other-network'

/** An option whose value holds another one. */
const ONE_WORD = /^--?[a-z][\w-]*[= ].*\s--?[a-z][\w-]*(?:[=\s]|$)/

interface Together {
  readonly same: readonly FlanneldProcess[]
  readonly what: string
}

/** Processes by what several share: the prefix with its one lease, or the file both overwrite. */
function sharing(processes: readonly FlanneldProcess[], keyOf: (one: FlanneldProcess) => string): Together[] {
  return [...Map.groupBy(processes, keyOf)]
    .filter(([, same]) => same.length > 1)
    .map(([what, same]) => ({ what, same }))
}

/** The one that has run longest is kept: who starts a second one rarely means to. */
function together({ same, what }: Together): Readonly<Record<string, string | number>> {
  const pids = same.map(({ pid }) => pid)
  const [kept] = same.toSorted((a, b) => (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0) || a.pid - b.pid)
  const extra = pids.filter((pid) => pid !== kept?.pid)
  return { pids: pids.join(', '), shared: what, kept: kept?.pid ?? 0, extra: extra.join(' ') }
}

function network(one: FlanneldProcess): string {
  const { kubeSubnetMgr, etcdPrefix, networks } = flanneldOptions(one)
  return kubeSubnetMgr ? 'Kubernetes' : `${etcdPrefix.replace(/\/+$/, '')}${networks ? ` ${networks}` : ''}`
}

/** The last complaint of a flanneld that has ended. */
function lastLogLines(snapshot: ClusterSnapshot, host: HostName): string {
  const log = snapshot.hosts.get(host)?.facts.flanneldLog
  const [last] = log?.known ? complaintsOf(log.value, []) : []
  return last === undefined ? '' : `; the last it said is "${last.line.text.slice(0, LONGEST_QUOTE)}"`
}

const ASKED = '; here the kernel asks flanneld for every peer that it has not reached of late'

function isAskedForPeers({ hosts, datastore: { config } }: ClusterSnapshot, host: HostName): boolean {
  const routes = hosts.get(host)?.facts.routes
  return config.known && routes?.known === true && asksForPeers(routes.value, config.value)
}

/** Where the agent of k3s keeps flannel's configuration (k3s `pkg/agent/flannel/setup.go`); no flanneld reads it. */
const OF_K3S = '/var/lib/rancher/k3s/'

function hasFilesOfK3s({ hosts }: ClusterSnapshot, host: HostName): boolean {
  const netConf = hosts.get(host)?.facts.netConf
  return netConf?.known === true && netConf.value.file?.path.startsWith(OF_K3S) === true
}

export const check = defineHostCheck({
  id: 'daemon/process',
  title: 'flanneld process',
  backends: 'any',
  needs: ['flanneld'],
  needsExpected: false,
  findings: {
    'not-running': {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld does not run on {host}: peers that change are not followed, the lease ends within 24 h, and with the udp backend no packet passes{words}',
      fix: 'Start flanneld on {host} (`systemctl start flanneld`) and read why it ended (`journalctl -u flanneld`); use Restart=always, as it ends with status 0 when its lease is lost.',
      withPods: {
        says: 'flanneld does not run on {host}: other nodes that change are not followed, and with the udp backend no packet passes{words}',
        fix: '`kubectl -n kube-flannel get pods -o wide` and `kubectl logs --previous` say why the flannel pod of {host} does not run.',
      },
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'lease/time-to-live:expiring', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
        { code: 'subnet-env/file:missing', when: 'same-host' },
        { code: 'link/flannel:missing', when: 'same-host' },
        { code: 'tunnel/socket:not-listening', when: 'same-host' },
        { code: 'route/network:missing', when: 'same-host' },
        { code: 'route/stale-subnet:stale', when: 'same-host' },
        { code: 'neighbour/peer-vtep:wrong-mac', when: 'same-host' },
        { code: 'fdb/peer-vtep:wrong-destination', when: 'same-host' },
        { code: 'netfilter/masquerade:missing', when: 'same-host' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
      ],
    },
    'options-as-one-word': {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld on {host} was given several options as one word, so that they are all the value of the first: "{observed}"',
      fix: 'Part them: quotes around the whole in a unit or an EnvironmentFile, or a variable written with braces, make one word of them; systemd parts `$OPTIONS`, not the braced form. Then start flanneld again.',
      explains: [
        ...NOT_UP.filter(({ code }) => code !== 'daemon/process:not-running'),
        { code: 'daemon/log:*', when: 'same-host' },
        { code: 'datastore/prefix:differs', when: 'same-host' },
        { code: 'datastore/config-key:*', when: 'anywhere' },
      ],
    },
    several: {
      severity: 'warning',
      confidence: 'certain',
      says: 'several flanneld run on {host} (pid {pids}) and share {shared}: they overwrite each other',
      fix: 'Stop all but one (look for a second unit, a container or a DaemonSet), then restart the one that stays.',
      heal: [
        run('kill {extra...}', 'the flanneld that started later end'),
        { on: 'host', restart: 'flanneld', pid: 'kept' },
      ],
      explains: [
        { code: 'subnet-env/network:differs-from-config', when: 'same-host' },
        { code: 'subnet-env/subnet:differs-from-lease', when: 'same-host' },
        { code: 'subnet-env/mtu:*', when: 'same-host' },
        { code: 'subnet-env/ip-masq:differs-from-option', when: 'same-host' },
        { code: 'link/address:*', when: 'same-host' },
        { code: 'netfilter/masquerade:*', when: 'same-host' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
      ],
    },
    'other-network': {
      severity: 'info',
      confidence: 'possible',
      says: '{count} flanneld run on {host}, each for a network of its own: {networks}',
      fix: 'Nothing, as long as their backends differ in VNI or port and each has its own -subnet-file.',
      // Each removes the rules and, up to v0.13.0, the address of the other.
      explains: [
        { code: 'link/address:*', when: 'same-host' },
        { code: 'netfilter/masquerade:*', when: 'same-host' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, facts: { flanneld }, cluster: { snapshot } }) {
    const { processes } = flanneld
    const object = 'flanneld'
    for (const word of processes.flatMap(({ argv }) => argv.filter((one) => ONE_WORD.test(one))))
      yield { code: 'options-as-one-word', object, observed: word.slice(0, LONGEST_QUOTE) }
    if (processes.length === 0) {
      return yield* notRunning(snapshot, host)
    }
    const [one] = [
      ...sharing(processes, network),
      ...sharing(processes, (each) => flanneldOptions(each).subnetFile),
    ]
    const observed = processes.map(({ pid }) => `pid ${pid}`).join(', ')
    if (one) {
      yield {
        code: 'several',
        object,
        expected: 'one process',
        observed,
        data: together(one),
      }
    } else if (processes.length > 1) {
      const networks = processes.map(network).join(', ')
      yield { code: 'other-network', object, observed, data: { count: processes.length, networks } }
    }
  },
})

/** What no process means: inside k3s there is none. */
function* notRunning(snapshot: ClusterSnapshot, host: HostName): Generator<Draft<Code> | Unsure> {
  const node = clusterIdentity(snapshot).nodeByHost.get(host)
  if (node && embedsFlannel(node)) return
  if (node === undefined && hasFilesOfK3s(snapshot, host)) {
    const why = 'whether it still does, the Kubernetes API would tell'
    return yield { unsure: `k3s has run flannel inside itself on ${host}: ${why}` }
  }
  const isAsked = isAskedForPeers(snapshot, host)
  const { config } = snapshot.datastore
  const isNeeded = isAsked || (config.known && isCarriedByFlanneld(config.value))
  const words = `${isAsked ? ASKED : ''}${lastLogLines(snapshot, host)}`
  const place = { object: 'flanneld', observed: 'no process', data: { words } }
  yield { code: 'not-running', ...place, ...(isNeeded && { effect: 'loss' }) }
}
