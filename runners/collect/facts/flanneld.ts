/**
 * The flanneld processes in this host's network namespace: command line, FLANNELD_*
 * variables (the only ones read), version and age. Passwords are masked on the host.
 */
import type { Flanneld, FlanneldProcess } from '../../../checks/model/daemon.ts'
import { present } from '../../../checks/model/present.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

/** No flanneld is larger; v0.28.9 has 76 MB with its symbols. */
const MOST_BYTES = 268_435_456
/** What a linker was told with `-X` (flannel `Makefile`). */
const STAMP = 'flannel(/pkg)?/version\\.Version=v?[0-9]+\\.[0-9]+\\.[0-9]+[-+.0-9A-Za-z]*'
/** The first two words of the program, in the package, in the image and in one file, and of the pods of the manifests. */
const PROGRAM = '(^|/)flannel-doctor[^/]*$|/runners/bin\\.js$|^/scripts/collect\\.sh$'

/**
 * The version is read out of the binary, which is never run: whoever calls a process flanneld would have it run by
 * root. Go writes the words of the build into it (`go version -m`); built before Go 1.18 or with -trimpath it has only
 * the text that the linker set, the one version in it that ends with NUL; all of flannel's begin with v0. What has no
 * pattern is sought first: a pattern costs busybox a second of a processor.
 */
const SCRIPT = `printf '%s\\n' "$FLANNELD_WORDS"
version_of() {
  exe=$(readlink "$1")
  case \${exe##*/} in flannel|flannel' '*|flanneld*) ;; *) return 0 ;; esac
  size=$(stat -L -c %s "$1") && [ "$size" -le ${MOST_BYTES} ] || return 0
  v=$(grep -a -F version.Version= "$1" | grep -a -o -E '${STAMP}' | head -n 1)
  if [ -n "$v" ]; then echo "version=\${v##*=}"; return 0; fi
  grep -a -F github.com/ "$1" | grep -a -q 'github.com/[a-z-]*/flannel' || return 0
  v=$(grep -a -z -F v0. "$1" | grep -a -z -o -E 'v0\\.[0-9]{1,2}\\.[0-9]{1,2}$' | tr '\\000' '\\n' | sort -u)
  case $v in *"$IFS_LINE"*) ;; *) echo "version=$v" ;; esac
}
for p in $FLANNELD_PIDS; do
  echo "pid=$p"
  read -r stat <"/proc/$p/stat" || { echo gone=1; continue; }
  read -r uptime rest </proc/uptime
  name=\${stat#*(}
  echo "name=\${name%)*}"
  set -f; set -- \${stat##*)}; set +f
  echo "state=$1"
  echo "parent=$2"
  echo "ticks=\${20}"
  echo "uptime=$uptime"
  version_of "/proc/$p/exe" 2>/dev/null
done
for p in $FLANNELD_HIDDEN; do echo "hidden=$p"; done
for p in $STRANGERS; do echo "stranger=$p"; done
# Process 1 is this tool, or it is a pod's and has our files and network: a container without the host's processes, where
# flanneld may well run.
of_pod() { [ -n "$KUBERNETES_SERVICE_HOST" ] && [ /proc/1/ns/mnt -ef /proc/self/ns/mnt ] && [ /proc/1/ns/net -ef /proc/self/ns/net ]; }
of_tool() { tr '\\000' '\\n' </proc/1/cmdline 2>/dev/null | head -n 2 | grep -E -q '${PROGRAM}'; }
if [ -z "$FLANNELD_PIDS" ] && { of_pod || of_tool; }; then echo elsewhere=1; fi`

/** Clock ticks per second in /proc/PID/stat (proc(5): USER_HZ, 100 on every architecture flannel is built for). */
const USER_HZ = 100

interface Draft {
  readonly argv: string[]
  readonly environment: Record<string, string>
  version?: string
  /** What the kernel calls it, after its words were read. */
  name?: string
  state?: string
  parent?: number
  isGone?: true
  ticks?: number
  uptime?: number
}

/** Newlines inside a word travel as \\001. */
function word(text: string): string {
  return text.replaceAll('\u0001', '\n')
}

function readEnvironment(draft: Draft, text: string): void {
  const at = text.indexOf('=')
  if (at > 0) draft.environment[text.slice(0, at)] = word(text.slice(at + 1))
}

const READ = new Map<string, (draft: Draft, text: string) => void>(
  Object.entries({
    argv: (draft, text) => void draft.argv.push(word(text)),
    env: readEnvironment,
    version: (draft, text) => {
      const version = /^v?\d+\.\d+\.\d+\S*$/.exec(text.trim())?.[0]
      if (version !== undefined) draft.version = version.startsWith('v') ? version : `v${version}`
    },
    name: (draft, text) => {
      draft.name = text
    },
    state: (draft, text) => {
      draft.state = text.trim()
    },
    parent: (draft, text) => {
      draft.parent = Number(text)
    },
    gone: (draft) => {
      draft.isGone = true
    },
    ticks: (draft, text) => {
      draft.ticks = Number(text)
    },
    uptime: (draft, text) => {
      draft.uptime = Number(text)
    },
  }),
)

function ageSeconds({ ticks, uptime }: Draft): number | undefined {
  const age = uptime === undefined || ticks === undefined ? Number.NaN : uptime - ticks / USER_HZ
  return Number.isFinite(age) ? Math.max(0, Math.round(age)) : undefined
}

function readDrafts(text: string): {
  readonly drafts: ReadonlyMap<number, Draft>
  readonly hidden: readonly string[]
} {
  const drafts = new Map<number, Draft>()
  const hidden: string[] = []
  let draft: Draft | undefined
  for (const line of textLines(text)) {
    const [, key = '', value = ''] = /^([a-z]+)=(.*)$/s.exec(line) ?? []
    if (key === 'pid') {
      draft = drafts.get(Number(value)) ?? { argv: [], environment: {} }
      drafts.set(Number(value), draft)
    } else if (key === 'hidden') hidden.push(value)
    else if (draft !== undefined) READ.get(key)?.(draft, value)
  }
  return { drafts, hidden }
}

/**
 * Between fork and exec of iptables or ip a child of flanneld is flanneld to every eye: the same name and the same
 * command line. Behind its exec it has others, maybe before its words were read. Wrappers that start flanneld have another command line.
 */
function isFork({ parent, argv, name }: Draft, drafts: ReadonlyMap<number, Draft>): boolean {
  const words = drafts.get(parent ?? 0)?.argv
  if (words === undefined) return false
  const isOther = name !== undefined && !name.startsWith('flannel')
  return isOther || (words.length === argv.length && words.every((one, at) => one === argv[at]))
}

const ELSEWHERE =
  'the processes of the host are not to be seen, as process 1 is that of this container: it needs the process namespace of the host (--pid host, hostPID)'

function parse(text: string): Parsed<Flanneld> {
  const { drafts, hidden } = readDrafts(text)
  if (/^elsewhere=/m.test(text)) return { problem: { why: 'missing', detail: ELSEWHERE } }
  // A process without a command line is on its way out: its memory is gone already.
  const living = [...drafts].filter(
    ([, draft]) => draft.argv.length > 0 && draft.isGone === undefined && !isFork(draft, drafts),
  )
  const processes = living.map(([pid, draft]): FlanneldProcess => {
    const { argv, environment, version, state } = draft
    // T and t of proc(5): stopped by a signal or by a debugger.
    const isStopped = state?.toUpperCase() === 'T' ? true : undefined
    return present({ pid, argv, environment, version, ageSeconds: ageSeconds(draft), isStopped })
  })
  if (processes.length > 0 || hidden.length === 0) return { value: { processes } }
  const detail = `process ${hidden.join(', ')} belongs to another user: its network namespace cannot be seen`
  return { problem: { why: 'not-permitted', detail } }
}

export const flanneld: FactCollector<'flanneld'> = {
  fact: 'flanneld',
  command: 'pgrep -a flannel',
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
