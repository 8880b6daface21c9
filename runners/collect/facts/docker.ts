/**
 * The Docker Engine in this host's network namespace: dockerd's flags, the network part of
 * daemon.json, and the bridge networks as the API tells them. Asked only where a dockerd
 * runs there or the inventory names a socket: hosts that are network namespaces share the
 * machine's default socket, which answers for another network. No container's environment
 * or labels are read.
 */
import { type Prefix, parsePrefix } from '../../../checks/model/address.ts'
import type { Docker, DockerNetwork } from '../../../checks/model/container-bridge.ts'
import { present } from '../../../checks/model/present.ts'
import { type Row, rowsField, textField, textLines } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'

const DAEMON_KEYS = 'bip|mtu|ip-masq|iptables|ip-forward|live-restore|bridge|fixed-cidr|default-gateway'
/** The fields of a network that matter here, as one JSON list per line. */
const NETWORK_FORMAT = 'network=[{{json .Name}},{{json .Id}},{{json .Options}},{{json .IPAM.Config}}]'

const SCRIPT = `[ -n "$DOCKER_SOCKET" ] || exit 0
if [ -n "$DOCKERD_PID" ]; then
  echo "pid=$DOCKERD_PID"
  printf '%s\\n' "$DOCKERD_WORDS"
  read -r stat <"/proc/$DOCKERD_PID/stat" && read -r uptime rest </proc/uptime && {
    set -f; set -- \${stat##*)}; set +f
    echo "ticks=\${20}"
    echo "uptime=$uptime"
  }
  flag config-file "$DOCKERD_WORDS"
  f=\${FLAG:-/etc/docker/daemon.json}
  if [ -r "$f" ]; then grep -Eo '"(${DAEMON_KEYS})"[[:space:]]*:[[:space:]]*("[^"]*"|[0-9]+|true|false)' <"$f"; fi
fi
if said=$(docker -H "unix://$DOCKER_SOCKET" version --format '{{.Server.Version}}' 2>&1); then
  echo "version=$said"
  ids=$(docker -H "unix://$DOCKER_SOCKET" network ls --no-trunc -q --filter driver=bridge)
  [ -z "$ids" ] || docker -H "unix://$DOCKER_SOCKET" network inspect --format '${NETWORK_FORMAT}' $ids
else
  echo "problem=$(echo "$said" | tail -n 1)"
fi
exit 0`

/** proc(5): USER_HZ, 100 on every architecture flannel is built for. */
const USER_HZ = 100
const DAEMON_LINE = /^"([a-z-]+)"\s*:\s*(?:"([^"]*)"|(\d+|true|false))$/

function options(value: unknown): Row {
  return typeof value === 'object' && value !== null ? (value as Row) : {}
}

function optionNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Default name of a network's bridge: `br-` and 12 digits of its id (libnetwork, bridge driver). */
function bridgeName(name: string, id: string, chosen: Row): string {
  return (
    textField(chosen, 'com.docker.network.bridge.name') ??
    (name === 'bridge' ? 'docker0' : `br-${id.slice(0, 12)}`)
  )
}

function networkFromLine(json: string): DockerNetwork {
  const [name, id, chosenOptions, config] = JSON.parse(json) as readonly unknown[]
  const chosen = options(chosenOptions)
  const masquerade = textField(chosen, 'com.docker.network.bridge.enable_ip_masquerade')
  return present({
    name: String(name),
    id: String(id),
    bridge: bridgeName(String(name), String(id), chosen),
    subnets: rowsField({ config }, 'config')
      .map((row) => parsePrefix(textField(row, 'Subnet') ?? ''))
      .filter((prefix): prefix is Prefix => prefix !== undefined),
    mtu: optionNumber(textField(chosen, 'com.docker.network.driver.mtu')),
    ipMasquerade: masquerade === undefined ? undefined : masquerade === 'true',
  })
}

interface Fields {
  readonly single: Map<string, string>
  readonly argv: string[]
  readonly daemonJson: Record<string, string>
  readonly networks: DockerNetwork[]
}

function readField(fields: Fields, key: string, value: string): void {
  if (key === 'argv') fields.argv.push(value.replaceAll('\u0001', '\n'))
  else if (key === 'network') fields.networks.push(networkFromLine(value))
  else fields.single.set(key, value)
}

function readLine(fields: Fields, line: string): void {
  const [, daemonKey, quoted, plain] = DAEMON_LINE.exec(line) ?? []
  const [, key, value] = /^([a-z]+)=(.*)$/.exec(line) ?? []
  if (daemonKey !== undefined) fields.daemonJson[daemonKey] = quoted ?? plain ?? ''
  else if (key !== undefined && value !== undefined) readField(fields, key, value)
}

function ageSeconds(single: ReadonlyMap<string, string>): number | undefined {
  const age = Number(single.get('uptime')) - Number(single.get('ticks')) / USER_HZ
  return Number.isFinite(age) ? Math.max(0, Math.round(age)) : undefined
}

function parse(text: string): Docker {
  const fields: Fields = { single: new Map(), argv: [], daemonJson: {}, networks: [] }
  for (const line of textLines(text)) readLine(fields, line)
  const { single, argv, daemonJson, networks } = fields
  return present({
    running: single.has('pid') || single.has('version'),
    version: single.get('version'),
    pid: optionNumber(single.get('pid')),
    argv,
    daemonJson,
    networks,
    apiProblem: single.get('problem'),
    ageSeconds: ageSeconds(single),
  })
}

export const docker: FactCollector<'docker'> = {
  fact: 'docker',
  command: 'docker network inspect $(docker network ls -q --filter driver=bridge)',
  script: () => SCRIPT,
  parse: ({ stdout }) => ({ value: parse(stdout) }),
}
