/**
 * Services of systemd that flannel's path depends on: state, order, restart and environment
 * files. The environment itself is never read, and passwords in command lines are masked on
 * the host. A host that systemd does not run has no such fact.
 */

import { present } from '../../../checks/model/present.ts'
import type { EnvironmentFile, Services, ServiceUnit } from '../../../checks/model/service-unit.ts'
import { MASK_URL } from '../section/prelude.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

const UNITS = [
  'flanneld',
  'docker',
  'etcd',
  'firewalld',
  'NetworkManager',
  'systemd-networkd',
  'kubelet',
  'kube-proxy',
].map((name) => `${name}.service`)

const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Type',
  'Restart',
  'After',
  'Before',
  'Requires',
  'Wants',
  'EnvironmentFiles',
  'ExecStart',
  'ExecMainStatus',
  'NRestarts',
]

const COMMAND = `systemctl show -p ${PROPERTIES.join(',')} ${UNITS.join(' ')}`

/**
 * systemctl prints words without their quotes, so where a password ends is not known: the rest of the line goes. Of
 * options of logs and stores, whose values may be secrets of any name, the words up to the next option go.
 */
const MASK = `sed -e 's/ \\([-;]\\)/\u0002\\1/g' -e 's/\\(--\\{0,1\\}[a-z-]*\\(log\\|store\\|exec\\|storage\\)-opt[= ]\\)[^\u0002]*/\\1********/g' -e 's/\u0002/ /g' \\
  -e 's/\\([Pp]assword[= ]\\|[Pp]asswd[= ]\\|[Tt]oken[= ]\\|[Ss]ecret[= ]\\|[Cc]redentials\\{0,1\\}[= ]\\).*/\\1********/' ${MASK_URL}`

/** sd_booted(3): systemd runs the machine when this folder exists. */
const SCRIPT = `if [ -n "$SHARED_FILES" ]; then echo shared; exit 0; fi
if [ ! -d /run/systemd/system ]; then echo none; exit 0; fi
shown=$(${COMMAND}) || exit
printf '%s\\n' "$shown" | ${MASK}`

const ABSENT = new Map([
  ['shared', 'its services are those of the machine it shares'],
  ['none', 'systemd does not run this host'],
])

type Properties = ReadonlyMap<string, readonly string[]>

/** `Key=Value` lines; a key may come several times. systemd 219 prints EnvironmentFile for EnvironmentFiles. */
function properties(block: string): Properties {
  const found = new Map<string, string[]>()
  for (const line of block.split('\n')) {
    const at = line.indexOf('=')
    const key = line.slice(0, Math.max(at, 0)).replace(/^EnvironmentFile$/, 'EnvironmentFiles')
    if (key !== '') found.set(key, [...(found.get(key) ?? []), line.slice(at + 1)])
  }
  return found
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

function environmentFile(text: string): readonly EnvironmentFile[] {
  const [, path, ignored] = /^(.+) \(ignore_errors=(yes|no)\)$/.exec(text) ?? []
  return path === undefined ? [] : [{ path, optional: ignored === 'yes' }]
}

/** The command line out of `{ path=… ; argv[]=… ; ignore_errors=… }`; masking may have cut the end. */
function commandLine(text: string): readonly string[] {
  const found = /argv\[\]=(.*?)(?: ; ignore_errors=|$)/.exec(text)?.[1]
  return found === undefined ? [] : [found]
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function unit(name: string, of: Properties): ServiceUnit {
  const one = (key: string) => of.get(key)?.at(-1) || undefined
  return present({
    name,
    loadState: one('LoadState') ?? '',
    activeState: one('ActiveState') ?? '',
    subState: one('SubState') ?? '',
    type: one('Type'),
    restart: one('Restart'),
    after: words(one('After')),
    before: words(one('Before')),
    requires: words(one('Requires')),
    wants: words(one('Wants')),
    environmentFiles: (of.get('EnvironmentFiles') ?? []).flatMap(environmentFile),
    commands: (of.get('ExecStart') ?? []).flatMap(commandLine),
    exitStatus: wholeNumber(one('ExecMainStatus')),
    restarts: wholeNumber(one('NRestarts')),
  })
}

function parse(stdout: string): Parsed<Services> {
  const absent = ABSENT.get(stdout.trim())
  if (absent !== undefined) return { problem: { why: 'not-applicable', detail: absent } }
  const units = stdout.split(/\n\n+/).flatMap((block): [string, ServiceUnit][] => {
    const of = properties(block)
    const name = of.get('Id')?.[0]
    return name === undefined ? [] : [[name, unit(name, of)]]
  })
  if (units.length > 0) return { value: new Map(units) }
  return { problem: { why: 'unparsable', detail: 'systemctl shows no unit' } }
}

export const services: FactCollector<'services'> = {
  fact: 'services',
  command: COMMAND,
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
