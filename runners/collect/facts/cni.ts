/**
 * CNI on this host: the configuration directory in the order a container runtime reads it, the plugins that are there,
 * and the books that plugins keep of pods. A result holds a whole pod with what its owner wrote into it: only who and
 * where it is leaves the host.
 */
import type { Cni, CniConfigFile, CniPlugin, CniResult } from '../../../checks/model/cni.ts'
import { present } from '../../../checks/model/present.ts'
import { oneLine } from '../section/absence.ts'
import { MASK_JSON } from '../section/mask-json.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'
import { configFile } from './cni-config.ts'

/** Where kubelet's runtimes look unless they are told otherwise; k3s keeps its own below its agent. */
const CONFIG_DIRECTORIES = ['/var/lib/rancher/k3s/agent/etc/cni/net.d', '/etc/cni/net.d']
const PLUGIN_DIRECTORIES = [
  ...['/var/lib/rancher/k3s/data/cni', '/var/lib/rancher/k3s/data/current/bin'],
  ...['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'],
]
const BOOKS = '/var/lib/cni'

/** A configuration has a few hundred bytes. */
const MOST_BYTES = 65_536
const MOST_FILES = 32
/** kubelet starts 110 pods on a node unless told otherwise. */
const MOST_BOOK_BYTES = 1_048_576
/** The flannel plugin gives every pod of a node the same delegate, until subnet.env changes. */
const MOST_DELEGATES = 16

const RESULT_FIELDS = [
  '"K8S_POD_(NAMESPACE|NAME)","[^"\\\\]*"',
  '"(sandbox|address|networkName|containerId)":"[^"\\\\]*"',
].join('|')

/** A host that is a namespace of a machine has files of its own only where something is mounted over the machine's. */
const SCRIPT = `own() {
  while read -r id parent device root point rest; do
    case $1/ in "$point"/*) grep -q " $device $root $point " /proc/1/mountinfo || return 0 ;; esac
  done </proc/self/mountinfo
  return 1
}
if [ -n "$SHARED_FILES" ] && ! { [ -r /proc/1/mountinfo ] && own ${CONFIG_DIRECTORIES.at(-1)}; }; then echo shared=1; exit 0; fi
conf=; for d in ${CONFIG_DIRECTORIES.join(' ')}; do if [ -d "$d" ]; then conf=$d; break; fi; done
plugins=; for d in ${PLUGIN_DIRECTORIES.join(' ')}; do if [ -d "$d" ]; then plugins=$d; break; fi; done
echo "directory=$conf"
echo "plugins=$plugins"
left=${MOST_FILES}
for f in "$conf"/*.conf "$conf"/*.conflist "$conf"/*.json; do [ -z "$conf" ] || printf '%s\\n' "\${f##*/}"; done | sort |
  while IFS= read -r name; do
    [ -f "$conf/$name" ] || continue
    [ "$left" -gt 0 ] || break
    left=$((left - 1))
    printf 'file=%s\\njson=' "$name"
    head -c ${MOST_BYTES} -- "$conf/$name" | tr '\\n\\r' '  ' | ${MASK_JSON}
    echo
  done
[ -z "$plugins" ] || for f in "$plugins"/*; do
  if [ -f "$f" ] && [ -x "$f" ]; then printf 'binary=%s\\n' "\${f##*/}"; fi
done
newest=$(ls -t ${BOOKS}/flannel 2>/dev/null | head -n ${MOST_DELEGATES})
for id in $newest; do
  f=${BOOKS}/flannel/$id
  [ -f "$f" ] || continue
  printf 'delegate=%s\\njson=' "$id"
  head -c ${MOST_BYTES} -- "$f" | tr '\\n\\r' '  ' | ${MASK_JSON}
  echo
done
[ ! -d ${BOOKS}/networks ] || find ${BOOKS}/networks -type f -name '*[.:]*' ! -name 'last_reserved_ip*' -size -16k -exec grep -aH -m 1 '' {} + 2>/dev/null | head -c ${MOST_BOOK_BYTES}
echo
[ ! -d ${BOOKS}/results ] || find ${BOOKS}/results -type f -size -1024k -exec grep -aoHE '${RESULT_FIELDS}' {} + 2>/dev/null | head -c ${MOST_BOOK_BYTES}
echo`

interface Draft {
  readonly single: Map<string, string>
  readonly files: CniConfigFile[]
  readonly binaries: string[]
  readonly delegates: { readonly container: string; readonly plugin: CniPlugin }[]
  readonly reservations: Cni['reservations'][number][]
  readonly results: Map<string, Map<string, string[]>>
  /** Whose JSON the next line is. */
  open?: readonly ['file' | 'delegate', string]
}

function readJson(draft: Draft, json: string): void {
  const [kind, name] = draft.open ?? []
  if (kind === 'file') draft.files.push(configFile(name ?? '', json))
  const [told] = kind === 'delegate' ? configFile('', json).plugins : []
  if (told !== undefined) draft.delegates.push({ container: name ?? '', plugin: told })
}

function readField(draft: Draft, key: string, value: string): void {
  if (key === 'json') readJson(draft, value)
  else if (key === 'file' || key === 'delegate') draft.open = [key, value]
  else if (key === 'binary') draft.binaries.push(value)
  else draft.single.set(key, value)
}

function readReservation(draft: Draft, line: string): boolean {
  const [, network, address, container] = /^\S*?\/networks\/([^/]+)\/(\S+):([^:]+)$/.exec(line) ?? []
  if (network === undefined || address === undefined || container === undefined) return false
  draft.reservations.push({ network, address, container: container.trim() })
  return true
}

function readResult(draft: Draft, line: string): void {
  const [, file, name, value] = /^\S*?\/results\/([^:]+):"(\w+)"[:,]"([^"]*)"$/.exec(line) ?? []
  if (file === undefined || name === undefined || value === undefined) return
  const fields = draft.results.get(file) ?? new Map<string, string[]>()
  draft.results.set(file, fields.set(name, [...(fields.get(name) ?? []), value]))
}

function result(fields: ReadonlyMap<string, readonly string[]>): CniResult {
  const first = (name: string): string | undefined => fields.get(name)?.[0]
  const [namespace, pod] = [first('K8S_POD_NAMESPACE'), first('K8S_POD_NAME')]
  return present({
    network: first('networkName') ?? '',
    container: first('containerId') ?? '',
    pod: namespace === undefined || pod === undefined ? undefined : `${namespace}/${pod}`,
    sandbox: first('sandbox'),
    addresses: fields.get('address') ?? [],
  })
}

function read(text: string): Draft {
  const draft: Draft = {
    ...{ single: new Map(), files: [], binaries: [], delegates: [], reservations: [], results: new Map() },
  }
  for (const line of textLines(text)) {
    const [, key, value] = /^([a-z]+)=(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) readField(draft, key, value)
    else if (!readReservation(draft, line)) readResult(draft, line)
  }
  return draft
}

const SHARED = 'this host has no files of its own: those of its machine say nothing about it'

function parse(text: string): Parsed<Cni> {
  const { single, files, binaries, delegates, reservations, results } = read(text)
  if (single.has('shared')) return { problem: { why: 'not-applicable', detail: SHARED } }
  if (!single.has('directory')) {
    return { problem: { why: 'unparsable', detail: oneLine(text) || 'it printed nothing' } }
  }
  const pluginDirectory = single.get('plugins') ?? ''
  const value = {
    configDirectory: single.get('directory') || (CONFIG_DIRECTORIES.at(-1) as string),
    pluginDirectory: pluginDirectory || (PLUGIN_DIRECTORIES[2] as string),
    files,
    binaries: pluginDirectory === '' ? undefined : binaries,
    ...{ delegates, reservations },
    results: [...results.values()].map(result).filter(({ network }) => network !== ''),
  }
  return { value: present(value) }
}

export const cni: FactCollector<'cni'> = {
  fact: 'cni',
  command: 'cat /etc/cni/net.d/*; ls /opt/cni/bin; find /var/lib/cni',
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
