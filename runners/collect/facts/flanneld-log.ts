/**
 * What flanneld said last: the file behind its standard error, the journal of its unit, the log of its container or
 * pod, and the file that the inventory names. Files are read only where they are regular ones, and of processes of our own
 * user only: whatever another user's process holds open is none of ours to read.
 */
import type {
  FlanneldLog,
  LogLevel,
  LogLine,
  LogTail,
  PortHolder,
} from '../../../checks/model/flanneld-log.ts'
import { present } from '../../../checks/model/present.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import { MASK_URL } from '../section/prelude.ts'
import type { CollectSettings, FactCollector, Parsed } from '../section/section.ts'

/** Bytes read of the end of one log. */
const MOST_BYTES = 24_576
/** Lines asked of a journal and kept of any log; the usage that Go prints for a wrong flag has 60. */
const MOST_LINES = 120
/** Logs looked at per host. */
const MOST_LOGS = 8

const UNITS = ['flanneld.service', 'flannel.service']

/** The headers carry the time of the process's own zone, without the year: the host's, or in a container mostly UTC. */
const CLOCK = `date '+now=%m%d %H:%M:%S'
date -u '+now=%m%d %H:%M:%S'`

/**
 * `log_tail KIND NAME PID`: standard input as one block. Control characters would end lines that are none. An open
 * quote of a flag dump is no secret, passwords in URLs and of the dump are.
 */
const LOG_TAIL = `log_tail() {
  printf 'log=%s\\nname=%s\\npid=%s\\n' "$1" "$2" "$3"
  tail -c ${MOST_BYTES} | tail -n ${MOST_LINES} | tr -d '\\000-\\010\\013-\\037' |
    sed -e 's/\\(etcdPassword:\\).* \\(version:\\)/\\1 \\2/' -e 's/\\(etcdPassword:\\)[^ ]*/\\1********/' ${MASK_URL} -e 's/^/line=/'
  echo
}
file_tail() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  tail -c ${MOST_BYTES} -- "$1" | log_tail file "$2" "$3"
}`

function namedFile(path: string | undefined): string {
  return path === undefined ? 'named=' : `named=${posixQuote(path)}\nfile_tail "$named" "$named" ""`
}

const RUNNING = `units= held=
for p in $FLANNELD_PIDS; do
  group=$(grep -Eo '([A-Za-z0-9_.@:-]+\\.service|docker[-/][0-9a-f]{64})' "/proc/$p/cgroup" 2>/dev/null | tail -n 1)
  case $group in
    *.service) units="$units $group" ;;
    docker*)
      id=\${group#docker?}
      if [ -n "$DOCKER_SOCKET" ]; then
        docker -H "unix://$DOCKER_SOCKET" logs --tail ${MOST_LINES} "$id" 2>&1 | log_tail container "$id" "$p"
        held=1
      fi ;;
  esac
  if [ -O "/proc/$p" ] && [ -f "/proc/$p/fd/2" ] && ! { [ -n "$named" ] && [ "/proc/$p/fd/2" -ef "$named" ]; }; then
    file_tail "/proc/$p/fd/2" "$(readlink "/proc/$p/fd/2")" "$p"
    held=1
  fi
done`

/** sd_booted(3): systemd runs the machine when this folder exists. */
const JOURNAL = `if [ -z "$held$SHARED_FILES" ] && [ -d /run/systemd/system ] && command -v journalctl >/dev/null; then
  for u in \${units:-${UNITS.join(' ')}}; do
    said=$(journalctl -q --no-pager -o cat -n ${MOST_LINES} -u "$u" 2>/dev/null)
    [ -z "$said" ] || printf '%s\\n' "$said" | log_tail journal "$u" ""
  done
fi`

/** Containers of flannel that have ended: their names are what the images and the guides give them. */
const ENDED = `if [ -z "$held$FLANNELD_PIDS" ] && [ -n "$DOCKER_SOCKET" ]; then
  for id in $(docker -H "unix://$DOCKER_SOCKET" ps -a --no-trunc -q --filter name=flannel --filter status=exited --filter status=restarting 2>/dev/null | head -n 2); do
    docker -H "unix://$DOCKER_SOCKET" logs --tail ${MOST_LINES} "$id" 2>&1 | log_tail container "$id" ""
  done
fi`

/** What a container runtime keeps of flannel's pod, the newest file: it has time and stream before each line. Its process is another one inside. */
const OF_POD = `if [ -z "$held$SHARED_FILES" ]; then
  f=$(ls -t /var/log/pods/*/kube-flannel/*.log 2>/dev/null | head -n 1)
  case $f in *[!A-Za-z0-9._/-]*) f= ;; esac
  if [ -f "$f" ] && [ -r "$f" ] && [ ! -L "$f" ]; then
    tail -c ${MOST_BYTES} -- "$f" | sed 's/^[^ ]* std[a-z]* [FP] //' | log_tail file "$f" ""
  fi
fi`

/** Who has which UDP port, where a log says that one is taken: asking every process for its sockets takes time. */
const HOLDERS = `case $said in
  *'address already in use'*) ss -lunpH 2>/dev/null | head -n ${MOST_LINES} | sed 's/^/socket=/' ;;
esac
printf '%s\\n' "$said"
exit 0`

function script({ flanneldLog }: CollectSettings): string {
  const logs = [namedFile(flanneldLog), RUNNING, JOURNAL, ENDED, OF_POD].join('\n')
  return [CLOCK, LOG_TAIL, `said=$(${logs}\n)`, HOLDERS].join('\n')
}

/** `socket=UNCONN 0 0 192.0.2.12:8285 0.0.0.0:* users:(("python3",pid=7,fd=3))`; sockets of the kernel have no users. */
const HELD = /^socket=\S+ +\d+ +\d+ +\S+:(\d+) .*users:\(\("([\w.+-]{1,15})",pid=(\d+)/gm

const LEVELS: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warning', E: 'error', F: 'fatal' }
/** `E1127 21:22:16.811374   14856 main.go:367] text`, the same of glog and klog. */
const HEADER = /^([IWEF])(\d{4} \d\d:\d\d:\d\d)\.\d+\s+(\d+)\s+([^\s:\]]+:\d+)\] ?(.*)$/

/** A leap year, so that every day of any year is one of it. */
const SOME_YEAR = 2024
const YEAR_SECONDS = 366 * 86_400

/** Seconds since the beginning of the year. */
function secondsOfYear(text: string): number {
  const [, month, day, hour, minute, second] = /^(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text) ?? []
  const at = Date.UTC(SOME_YEAR, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  return (at - Date.UTC(SOME_YEAR, 0)) / 1000
}

/** Seconds from the line's time to the nearest of the clocks that is not before it; a line of last year is as old. */
function ageOf(time: string, clocks: readonly number[]): number | undefined {
  const ages = clocks.map((now) => now - secondsOfYear(time)).filter((age) => Number.isFinite(age))
  const past = ages
    .map((age) => (age < -YEAR_SECONDS / 2 ? age + YEAR_SECONDS : age))
    .filter((age) => age >= 0)
  return past.length === 0 ? undefined : Math.min(...past)
}

/** A line with what its header tells. */
function logLine(raw: string, clocks: readonly number[]): LogLine {
  const [, letter = '', time = '', pid, place, text] = HEADER.exec(raw) ?? []
  if (text === undefined) return { raw, text: raw.trim() }
  return present({
    raw,
    level: LEVELS[letter],
    pid: Number(pid),
    place,
    ageSeconds: ageOf(time, clocks),
    text: text.trim(),
  })
}

function isKind(kind: string): kind is LogTail['from'] {
  return kind === 'file' || kind === 'journal' || kind === 'container'
}

function logTail(block: string, clocks: readonly number[]): readonly LogTail[] {
  const lines = block.split('\n')
  const field = (name: string): string =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const kind = field('log')
  if (!isKind(kind)) return []
  const pid = /^\d{1,10}$/.test(field('pid')) ? Number(field('pid')) : undefined
  const said = lines.filter((line) => line.startsWith('line=')).map((line) => line.slice('line='.length))
  const kept = said.filter((line) => line.trim() !== '').slice(-MOST_LINES)
  return [present({ from: kind, name: field('name'), pid, lines: kept.map((line) => logLine(line, clocks)) })]
}

function parse(stdout: string): Parsed<FlanneldLog> {
  const [head = '', ...blocks] = stdout.split(/^(?=log=)/m)
  const clocks = [...head.matchAll(/^now=(.*)$/gm)].map(([, text = '']) => secondsOfYear(text))
  const holders = [...head.matchAll(HELD)].map(
    ([, port, program = '', pid]): PortHolder => ({ port: Number(port), program, pid: Number(pid) }),
  )
  const rest = head.replaceAll(/^(?:(?:now|socket)=.*)?\n/gm, '').trim()
  if (rest !== '') return { problem: { why: 'unparsable', detail: 'expected a line log=' } }
  const tails = blocks.slice(0, MOST_LOGS).flatMap((block) => logTail(block, clocks))
  return { value: { tails, ...(holders.length > 0 && { holders }) } }
}

export const flanneldLog: FactCollector<'flanneldLog'> = {
  fact: 'flanneldLog',
  command: `journalctl -u flanneld -n ${MOST_LINES}`,
  commandFor: ({ flanneldLog: path }) =>
    path === undefined
      ? `journalctl -u flanneld -n ${MOST_LINES}`
      : `tail -n ${MOST_LINES} ${posixQuote(path)}`,
  isRecent: true,
  script,
  parse: ({ stdout }) => parse(stdout),
}
