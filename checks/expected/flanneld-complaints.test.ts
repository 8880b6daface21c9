import test from 'ava'
import type { LogLine, LogTail } from '../model/flanneld-log.ts'
import { complaintsOf } from './flanneld-complaints.ts'

/** A line of process 7 with a header, `E main.go:1 text`. */
function line(said: string, pid = 7, ageSeconds = 1): LogLine {
  const levels = { I: 'info', W: 'warning', E: 'error', F: 'fatal' } as const
  const level = levels[said[0] as 'I']
  return { raw: said, level, pid, place: 'main.go:1', ageSeconds, text: said.slice(2) }
}

const tail = (...lines: LogLine[]): LogTail => ({ from: 'journal', name: 'flanneld.service', lines })
const kinds = (log: LogTail, ...pids: number[]) =>
  complaintsOf({ tails: [log] }, pids).map(({ complaint }) => complaint)

const WAITS = "E Couldn't fetch network config: 100: Key not found (/coreos.com) [3]"

test('what better news followed is past', (t) => {
  t.deepEqual(kinds(tail(line(WAITS)), 7), ['config-missing'])
  t.deepEqual(kinds(tail(line(WAITS), line('I Found network config - Backend type: vxlan')), 7), [])
})

test('what an earlier process said is past', (t) => {
  t.deepEqual(
    kinds(tail(line(WAITS, 6), line('I Installing signal handlers'), line('I Running backend.')), 7),
    [],
  )
  t.deepEqual(kinds(tail(line(WAITS, 6))), ['config-missing'])
})

test('a start in a container has the same process id again', (t) => {
  const log = tail(line(WAITS, 1), line('I CLI flags config: {}', 1), line('I Running backend.', 1))
  t.deepEqual(kinds(log, 4711), [])
})

test('what stays broken when the start goes on is not past', (t) => {
  const log = tail(line('W Failed to write subnet file: mkdir /x: no such file'), line('I Running backend.'))
  t.deepEqual(kinds(log, 7), ['subnet-file-not-written'])
})

test('a process that asked etcd and says nothing more waits for it', (t) => {
  const asked = (age: number) => tail(line('I Installing signal handlers', 7, age))
  t.deepEqual(kinds(asked(10), 7), ['etcd-unreachable'])
  t.deepEqual(kinds(asked(1), 7), [])
  t.deepEqual(kinds(asked(10)), [])
})

test('an unknown error does not hide a known one', (t) => {
  t.deepEqual(
    kinds(
      tail(
        line('E Error registering network: failed to acquire lease: out of subnets'),
        line('E shutting down'),
      ),
    ),
    ['out-of-subnets'],
  )
})

test('a healthy start says nothing that counts', (t) => {
  const log = tail(
    line('W no subnet found for key: FLANNEL_SUBNET in file: /run/flannel/subnet.env'),
    line('W no certificate provided: connecting to etcd with http. This is insecure'),
    line('I Changing default FORWARD chain policy to ACCEPT'),
    line('I Some iptables rules are missing; deleting and recreating rules'),
    line('I Waiting for 22h59m58.99988593s to renew lease'),
  )
  t.deepEqual(kinds(log, 7), [])
})

/** A configuration that `CheckNetworkConfig` and Go's JSON refuse. */
const REFUSED: readonly string[] = [
  "Couldn't fetch network config: Network is too small. Minimum useful network prefix is /28",
  "Couldn't fetch network config: please define a correct Network parameter in the flannel config",
  "Couldn't fetch network config: json: cannot unmarshal string into Go struct field Config.SubnetLen of type uint",
]

test('a configuration is refused for more than one reason', (t) => {
  for (const text of REFUSED) t.deepEqual(kinds(tail(line(`E ${text}`)), 7), ['config-refused'])
})

/** As flanneld -kube-subnet-mgr says it (`pkg/subnet/kube/kube.go`, and client-go under it). */
const OF_KUBERNETES: readonly (readonly [text: string, means: string])[] = [
  [
    "Failed to create SubnetManager: error retrieving pod spec for 'kube-flannel/kube-flannel-ds-x': Unauthorized",
    'kube-refused',
  ],
  [
    'Failed to create SubnetManager: error retrieving pod spec for \'kube-flannel/p\': Get "https://10.96.0.1:443/api/v1/namespaces/kube-flannel/pods/p": x509: certificate signed by unknown authority',
    'kube-unreachable',
  ],
  [
    'Error registering network: failed to acquire lease: subnet "10.244.0.0/16" specified in the flannel net config doesn\'t contain "10.99.0.0/24" PodCIDR of the "h2" node',
    'pod-cidr-refused',
  ],
  [
    "Failed to create SubnetManager: error parsing subnet config: invalid character '}' looking for beginning of object key string",
    'net-conf-unusable',
  ],
]

test('what the Kubernetes API answers is no word about etcd, and is over when the nodes are read', (t) => {
  for (const [text, means] of OF_KUBERNETES) {
    t.deepEqual(kinds(tail(line(`E ${text}`)), 7), [means])
    t.deepEqual(kinds(tail(line(`E ${text}`), line('I Node controller sync successful')), 7), [])
  }
})

test('a watch that failed once as the API server came back is past: it would say so again', (t) => {
  const refused = (age: number) =>
    line(
      'E "Failed to watch" err="nodes is forbidden: User \\"x\\" cannot watch resource" type="*v1.Node"',
      7,
      age,
    )
  const silent = (age: number) =>
    line(
      'E "Failed to watch" err="Get \\"https://10.96.0.1:443/api/v1/nodes\\": i/o timeout" type="*v1.Node"',
      7,
      age,
    )
  const start = line('I Running backend.', 7, 300)
  t.deepEqual(kinds(tail(start, refused(4)), 7), ['kube-refused'])
  t.deepEqual(kinds(tail(start, refused(20)), 7), [])
  t.deepEqual(kinds(tail(start, ...[80, 70, 60, 45, 30, 15].map(refused)), 7), ['kube-refused'])
  t.deepEqual(kinds(tail(start, silent(30)), 7), ['kube-unreachable'])
  t.deepEqual(kinds(tail(start, silent(60)), 7), [])
  t.deepEqual(kinds(tail(start, refused(4), line('I Creating the node lease for IPv4.', 7, 2)), 7), [])
})
