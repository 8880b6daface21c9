/**
 * Files that carry options to dockerd: outputs of mk-docker-opts.sh where guides put them, and
 * the two files operators edit. Only --bip, --mtu and --ip-masq of the variables in question
 * leave the host; of every other line only that it exists.
 */
import type {
  DockerOptionName,
  DockerOptions,
  DockerOptionsFile,
  DockerOptionVariable,
} from '../../../checks/model/docker-options.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import { textLines } from '../section/rows.ts'
import type { CollectSettings, FactCollector, Parsed } from '../section/section.ts'

/** flannel `dist/mk-docker-opts.sh` (default of -d), RHEL's and CoreOS's units, and the files of distributions. */
const PATHS = [
  '/run/flannel/docker',
  '/run/docker_opts.env',
  '/run/flannel/docker_opts.env',
  '/run/flannel_docker_opts.env',
  '/run/flannel/flannel_docker_opts.env',
  '/etc/sysconfig/docker-network',
  '/etc/default/docker',
]

/** Bytes read of one file; mk-docker-opts.sh writes less than 300. */
const MOST_BYTES = 65_536

/** `options_file PATH`: a missing file costs one test, no process. */
const OPTIONS_FILE = `words_of() {
  echo "variable=$1"
  pending= count=0
  set -f
  for w in $2; do
    count=$((count + 1))
    if [ -n "$pending" ]; then printf 'option=%s=%s\\n' "$pending" "$w"; pending=; continue; fi
    case $w in
      --bip=*|--mtu=*|--ip-masq=*) printf 'option=%s\\n' "\${w#--}" ;;
      --bip|--mtu) pending=\${w#--} ;;
      --ip-masq) echo option=ip-masq=true ;;
    esac
  done
  set +f
  echo "words=$count"
}
options_file() {
  [ -f "$1" ] || return 0
  [ -r "$1" ] || { printf 'unreadable=%s\\n' "$1"; return 0; }
  printf 'file=%s\\n' "$1"
  head -c ${MOST_BYTES} "$1" | while read -r line || [ -n "$line" ]; do
    line=\${line#export }
    case $line in ''|'#'*|';'*) continue ;; [A-Za-z_]*=*) ;; *) echo junk; continue ;; esac
    name=\${line%%=*} value=\${line#*=}
    case $name in
      *[!A-Za-z0-9_]*) echo junk ;;
      DOCKER_OPTS|DOCKER_NETWORK_OPTIONS|DOCKER_OPT_*)
        value=\${value#[\\"\\']}
        words_of "$name" "\${value%[\\"\\']}" ;;
      *) echo other ;;
    esac
  done
}`

function script({ dockerOptionsFile }: CollectSettings): string {
  if (dockerOptionsFile !== undefined) return `${OPTIONS_FILE}\noptions_file ${posixQuote(dockerOptionsFile)}`
  const each = PATHS.map((path) => `options_file ${path}`).join('\n')
  return `if [ -n "$SHARED_FILES" ]; then echo shared; exit 0; fi\n${OPTIONS_FILE}\n${each}`
}

interface FileDraft {
  readonly path: string
  readonly variables: { name: string; options: Partial<Record<DockerOptionName, string>>; words: number }[]
  otherLines: number
  junkLines: number
}

function readOption(draft: FileDraft, text: string): void {
  const [, name, value = ''] = /^(bip|mtu|ip-masq)=(.*)$/.exec(text) ?? []
  const variable = draft.variables.at(-1)
  if (name !== undefined && variable !== undefined)
    variable.options[name as DockerOptionName] = value.replaceAll(/["']/g, '')
}

/** A line of a file's block. */
function readLine(draft: FileDraft, line: string): void {
  const [, key, value = ''] = /^([a-z]+)(?:=(.*))?$/.exec(line) ?? []
  const last = draft.variables.at(-1)
  if (key === 'junk') draft.junkLines++
  else if (key === 'other') draft.otherLines++
  else if (key === 'variable') draft.variables.push({ name: value, options: {}, words: 0 })
  else if (key === 'option') readOption(draft, value)
  else if (key === 'words' && last !== undefined) last.words = Number(value) || 0
}

/** The last assignment of a variable wins, as for a shell and for systemd. */
function lastOfEach(variables: readonly DockerOptionVariable[]): readonly DockerOptionVariable[] {
  return [...new Map(variables.map((variable) => [variable.name, variable])).values()]
}

function parse(text: string): Parsed<DockerOptions> {
  const drafts: FileDraft[] = []
  for (const line of textLines(text)) {
    if (line === 'shared') {
      const detail =
        'its files are those of the machine it shares; dockerOptionsFile in the inventory names its own'
      return { problem: { why: 'not-applicable', detail } }
    }
    const unreadable = /^unreadable=(.*)$/.exec(line)?.[1]
    if (unreadable !== undefined) return { problem: { why: 'not-permitted', detail: unreadable } }
    const path = /^file=(.*)$/.exec(line)?.[1]
    const draft = drafts.at(-1)
    if (path !== undefined) drafts.push({ path, variables: [], otherLines: 0, junkLines: 0 })
    else if (draft !== undefined) readLine(draft, line)
  }
  const files = drafts.map(
    (draft): DockerOptionsFile => ({ ...draft, variables: lastOfEach(draft.variables) }),
  )
  return { value: { files } }
}

export const dockerOptions: FactCollector<'dockerOptions'> = {
  fact: 'dockerOptions',
  command: 'cat /run/flannel/docker /run/docker_opts.env',
  commandFor: ({ dockerOptionsFile }) => `cat ${dockerOptionsFile ?? PATHS.slice(0, 2).join(' ')}`,
  isRecent: true,
  script,
  parse: ({ stdout }) => parse(stdout),
}
