/**
 * How a flanneld that has ended was started, as its own log says: since v0.11.0 its first line is `CLI flags config: {…}`
 * (`main.go`). The program is the one that the flanneld of every other host is.
 */

import { knownValue } from '../expected/observed-host.ts'
import { isPlainCommand } from '../model/shell-words.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'

/** Flags by the names that the line gives them; others are told by nothing or belong to Kubernetes. */
const FLAGS: Readonly<Record<string, string>> = {
  etcdEndpoints: 'etcd-endpoints',
  etcdPrefix: 'etcd-prefix',
  etcdKeyfile: 'etcd-keyfile',
  etcdCertfile: 'etcd-certfile',
  etcdCAFile: 'etcd-cafile',
  iface: 'iface',
  ipMasq: 'ip-masq',
  ifaceCanReach: 'iface-can-reach',
  subnetFile: 'subnet-file',
  publicIP: 'public-ip',
  subnetLeaseRenewMargin: 'subnet-lease-renew-margin',
  iptablesResyncSeconds: 'iptables-resync',
  iptablesForwardRules: 'iptables-forward-rules',
}
const LINE = /^CLI flags config: \{(.*)\}$/
/** Lists stand in brackets, their values apart by blanks. */
const PAIR = /(\w+):(\[[^\]]*\]|\S*)/g

function flagsOf(line: string, options: string): readonly string[] | undefined {
  const pairs = [...line.matchAll(PAIR)].map(([, name = '', value = '']) => [name, value] as const)
  const given = new Map(pairs)
  // What is masked or was asked of Kubernetes is not known, unless it is to ask etcd from now on.
  const isOfKubernetes = given.get('kubeSubnetMgr') === 'true' && !options.includes('-kube-subnet-mgr=false')
  if (given.get('etcdUsername') || given.get('ifaceRegex') !== '[]' || isOfKubernetes) return undefined
  return pairs.flatMap(([name, value]) => {
    const flag = FLAGS[name]
    const values = value.startsWith('[') ? value.slice(1, -1).split(' ') : [value]
    return flag === undefined ? [] : values.filter(Boolean).map((one) => `-${flag}=${one}`)
  })
}

/** The one program that the others run. */
function programOf({ hosts }: ClusterSnapshot): string | undefined {
  const programs = new Set(
    [...hosts.values()].flatMap(({ facts }) =>
      (knownValue(facts.flanneld)?.processes ?? []).map(({ argv }) => argv[0]),
    ),
  )
  const [program, ...others] = programs
  return others.length === 0 && program?.startsWith('/') ? program : undefined
}

/** The command that starts it again, with further options; undefined where its log does not tell. */
export function loggedStart(
  { facts: { flanneldLog } }: HostSnapshot,
  snapshot: ClusterSnapshot,
  options: string,
): string | undefined {
  const tails = knownValue(flanneldLog)?.tails ?? []
  const said = tails.flatMap(({ lines, from, name }) =>
    lines.flatMap(({ text, place }) => {
      const [, line] = LINE.exec(text) ?? []
      return line === undefined || !place?.startsWith('main.go:')
        ? []
        : [{ line, log: from === 'file' ? name : '/run/flanneld.log' }]
    }),
  )
  const [last, program] = [said.at(-1), programOf(snapshot)]
  const flags = last && flagsOf(last.line, options)
  if (last === undefined || program === undefined || flags === undefined) return undefined
  const command = `${[program, ...flags].join(' ')}${options}`
  const isPlain = isPlainCommand(command) && isPlainCommand(`tail ${last.log}`)
  return isPlain ? `setsid -f ${command} </dev/null >>${last.log} 2>&1` : undefined
}
