/**
 * The flanneld processes in this host's network namespace: command line, FLANNELD_*
 * variables (the only ones read), version and age. Passwords are masked on the host.
 */
import type { Flanneld, FlanneldProcess } from '../../../checks/model/daemon.ts'
import { present, textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

/**
 * The version comes from the binary itself. It is run only where that gives its owner
 * nothing: same user and same mount namespace as ours, so no file of another user or of a
 * container is executed here.
 */
const SCRIPT = `printf '%s\\n' "$FLANNELD_WORDS"
owner() { while read -r key OWNER; do [ "$key" != Uid: ] || return 0; done <"$1/status"; OWNER=unknown; }
owner /proc/self; own=$OWNER
for p in $FLANNELD_PIDS; do
  echo "pid=$p"
  read -r stat <"/proc/$p/stat" || continue
  read -r uptime rest </proc/uptime
  set -f; set -- \${stat##*)}; set +f
  echo "state=$1"
  echo "ticks=\${20}"
  echo "uptime=$uptime"
  owner "/proc/$p"
  if [ "$OWNER" = "$own" ] && [ "/proc/$p/ns/mnt" -ef /proc/self/ns/mnt ]; then
    echo "version=$("/proc/$p/exe" --version 2>&1 | head -n 1)"
  fi
done
for p in $FLANNELD_HIDDEN; do echo "hidden=$p"; done`

/** Clock ticks per second in /proc/PID/stat (proc(5): USER_HZ, 100 on every architecture flannel is built for). */
const USER_HZ = 100

interface Draft {
  readonly argv: string[]
  readonly environment: Record<string, string>
  version?: string
  state?: string
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
    state: (draft, text) => {
      draft.state = text.trim()
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

function parse(text: string): Parsed<Flanneld> {
  const { drafts, hidden } = readDrafts(text)
  // A process without a command line is on its way out: its memory is gone already.
  const living = [...drafts].filter(([, { argv }]) => argv.length > 0)
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
