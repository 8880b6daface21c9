/**
 * The script that sends many pings side by side, in the network of its shell and in others that it may enter, and tells
 * line by line which one said it. Each line is one write of less than PIPE_BUF (pipe(7)), so lines of jobs that end together
 * stay whole.
 */
import { posixQuote } from '../../hosts/command/quote.ts'
import { toldFunction, wavesOf } from '../jobs/script-jobs.ts'
import { type PingWords, pingArgv } from './argv.ts'
import { isMarked, jobWord, LEAST_TOGETHER, TOGETHER } from './sent-together.ts'

/** One ping of a batch. */
export interface PingJob extends Omit<PingWords, 'interval'> {
  /** Path of the network namespace to send from; absent for the shell's own. */
  readonly namespace?: string
  /** Whose ping it is, where one shell sends those of many hosts: each has waves of its own. */
  readonly sender?: string
}

/** How the pings of a batch are sent. */
export interface SendingOptions {
  /** Seconds between requests where the host allows it; default 0.02. */
  readonly interval?: number
  /** True where it does not matter why there is no answer: ping(8) does not ask again. */
  readonly isArrivalEnough?: boolean
}

/** The line before what ping(8) says of a path that one process for all has asked before. */
export const ASKED_BEFORE = 'asked before'

/** The shell functions of every network: `options` looks what this ping can do, `job` runs one and tells what it said. */
function functions(token: string): string {
  return `options() {
  [ -z "$m" ] || return 0
  e= m=do help=$(ping -h 2>&1)
  case $help in *'-e <'*) e=1 ;; esac
  case $help in *'|probe'*) m=probe ;; esac
}
job() {
  out=$(eval "exec $2" 2>&1 </dev/null)
  told "$1" "\${once:+${ASKED_BEFORE}
}$out" $?
}
${toldFunction(token)}`
}

/**
 * `-M probe` came with iputils 20231222: it ignores a path MTU that the kernel remembers from before,
 * which `-M do` obeys. `-e` came with iputils 20210722; other users than root may send every 0.2 s (ping(8)).
 * A network namespace is entered once for all its pings, which costs less than to enter it for each; so does the shell's
 * own reading of proc(5), in place of id(1).
 */
function opening(token: string, interval: number): string {
  return `LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
i=${interval}
while read -r key _ uid _; do [ "$key" = Uid: ] && break; done </proc/self/status
[ "$uid" = 0 ] || i=0.2
e= m=
functions=${posixQuote(functions(token))}
eval "$functions"
export LC_ALL PATH i e m left once
together() {
  ns=$1 alone=$2
  shift 2
  { said=$(\${ns:+nsenter "--net=$ns"} perl -e ${posixQuote(TOGETHER)} ${token} "$i" "$alone" "$@" 2>/dev/null </dev/null) &&
    left=$said once=1; } 3>&1
}
inside() {
  { said=$(nsenter "--net=$1" sh -c "$functions
$2" 2>&1 >&3 </dev/null); } 3>&1
  s=$?
  [ $s = 0 ] || for n in $3; do told "$n" "$said" $s; done
}`
}

interface NamedJob {
  readonly name: string
  readonly job: PingJob
}

/**
 * The words of a ping with the places where the shell decides: path MTU discovery, identifier, requests and interval. One request
 * tells the reason; with a second between requests a full queue of a link is asked twice, not for two seconds (iputils `ping_common.c`, `pinger`).
 */
function jobLine({ name, job: { id, namespace: _, sender: __, ...rest } }: NamedJob): string {
  const argv = pingArgv({ ...rest, interval: 0 })
  const words = argv.map(posixQuote)
  words[argv.indexOf('-i') + 1] = '"${once:-$i}"'
  words[argv.indexOf('-M') + 1] = '"$m"'
  words[argv.indexOf('-c') + 1] = `"\${once:-${rest.count}}"`
  const [ping = '', ...more] = words
  const identity = id === undefined ? [] : [`\${e:+-e ${id}}`]
  return `job ${name} ${posixQuote([ping, ...identity, ...more].join(' '))} &`
}

interface Group {
  /** Absent for the host's own network. */
  readonly namespace: string | undefined
  readonly jobs: readonly NamedJob[]
  /** The words of what sends them all; absent where each needs a ping of its own. */
  readonly together?: readonly string[]
}

function groupOf([namespace, jobs]: readonly [string | undefined, readonly NamedJob[]]): Group {
  const marked = jobs.map(({ job }) => job).filter(isMarked)
  if (jobs.length < LEAST_TOGETHER || marked.length < jobs.length) return { namespace, jobs }
  return { namespace, jobs, together: marked.map((job, at) => jobWord(jobs[at]?.name ?? '', job)) }
}

/** The lines of one network: one process for all, then a ping for each that it had no answer to. */
function groupLines({ namespace, jobs, together }: Group, alone: string): readonly string[] {
  const pings = [
    'options',
    ...jobs.map((one) => `case $left in *' ${one.name} '*) ${jobLine(one)} ;; esac`),
    'wait;',
  ].join('\n')
  const rest =
    namespace === undefined ? pings : `inside ${posixQuote(namespace)} ${posixQuote(pings)} "$left";`
  return [
    `{ left=' ${jobs.map(({ name }) => name).join(' ')} '`,
    ...(together ? [`together ${[namespace ?? '', alone, ...together].map(posixQuote).join(' ')}`] : []),
    `[ -z "$left" ] || { ${rest} }; } &`,
  ]
}

/** The script of one batch, run as `sh -s`. */
export function batchScript(
  token: string,
  jobs: readonly PingJob[],
  { interval = 0.02, isArrivalEnough = false }: SendingOptions = {},
): string {
  const alone = isArrivalEnough ? '1' : ''
  const named = jobs.map((job, index): NamedJob => ({ name: `p${index}`, job }))
  const waves = wavesOf(named, ({ job }) => job.sender).map((wave) =>
    [...Map.groupBy(wave, ({ job }) => job.namespace)].map(groupOf),
  )
  // Asked once where it is needed in any case.
  const first = waves.flat().every(({ together }) => together) ? [] : ['options']
  const lines = waves.flatMap((groups) => [...groups.flatMap((group) => groupLines(group, alone)), 'wait'])
  return [opening(token, interval), ...first, ...lines, ''].join('\n')
}
