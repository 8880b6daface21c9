/** Tries connections from one host with bash, which opens TCP and UDP sockets by itself: the hosts need no other tool. */
import type {
  ConnectionObservation,
  ConnectionProtocol,
  ConnectionState,
} from '../../../checks/model/observation.ts'
import { oneLine } from '../../collect/section/absence.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import {
  bashWords,
  inWaves,
  patience,
  toldFunction,
  verifiedAddress,
  verifyPort,
} from '../jobs/script-jobs.ts'
import { SYSTEM_PATH } from '../own/guarded-command.ts'
import { LINE_BYTES } from './listener-code.ts'

/** One connection to try. */
export interface ConnectJob {
  readonly protocol: ConnectionProtocol
  /** IPv4 literal. */
  readonly address: string
  readonly port: number
  /** Path of the network namespace to try it from; absent for the host's own. */
  readonly namespace?: string
}

export type ConnectReading = Pick<ConnectionObservation, 'state' | 'error' | 'problem'>

/** Of a whole job. Linux sends the first packet of a connection again after 1 and 3 seconds (`tcp_syn_retries`, RFC 6298). */
const JOB_S = 5
/** A connection that is open carries its line in milliseconds; a lost segment is sent again within a second. */
const LINE_S = 3
const DATAGRAMS = 3
const DATAGRAM_S = 1

/** How far a job came, as its exit status; 124 is timeout's. */
const AT = { open: 20, send: 21, answer: 22, other: 23 } as const
const TIMED_OUT = 124
const OPENED = 'opened'

const JOB = `
open() { exec 3<>"/dev/$1/$2/$3" || exit ${AT.open}; }
line=$4$(printf '%0${LINE_BYTES - 33}d' 0)
case $1 in
tcp)
  open "$@"
  echo ${OPENED}
  printf '%s\\n' "$line" >&3 || exit ${AT.send}
  IFS= read -r -t ${LINE_S} -u 3 answer || exit ${AT.answer}
  [ "$answer" = "$line" ] || exit ${AT.other} ;;
udp)
  open "$@"
  for _ in ${Array.from({ length: DATAGRAMS }, (_, n) => n).join(' ')}; do
    printf %s "$4" >&3 || exit ${AT.send}
    IFS= read -r -t ${DATAGRAM_S} -n 1 -u 3
    s=$?
    [ $s = 0 ] && exit 0
    [ $s -gt 128 ] || exit ${AT.answer}
  done
  exit ${TIMED_OUT} ;;
esac
`

function opening(token: string): string {
  return `LC_ALL=C
PATH=${SYSTEM_PATH}
export LC_ALL PATH
code=${posixQuote(JOB)}
${toldFunction(token)}
job() {
  n=$1
  shift
  out=$("$@" 2>&1 </dev/null)
  s=$?
  told "$n" "$out" "$s"
}`
}

function jobLine(job: ConnectJob, nonce: string, index: number): string {
  const { protocol, address, port, namespace } = job
  verifiedAddress(address)
  verifyPort(port)
  const enter = namespace === undefined ? '' : `nsenter ${posixQuote(`--net=${namespace}`)} `
  const words = `timeout ${JOB_S} bash -c "$code" bash ${protocol} ${address} ${port} ${posixQuote(nonce)}`
  return `job c${index} ${enter}${words} &`
}

/** The script of one host, run as `bash -s`. Throws TypeError for what is no address or port. */
export function connectScript(token: string, jobs: readonly ConnectJob[], nonce: string): string {
  const lines = jobs.map((job, index) => jobLine(job, nonce, index))
  return [opening(token), ...inWaves(lines), 'exit 0', ''].join('\n')
}

/** Milliseconds after which a script of so many jobs is killed. */
export function connectPatience(jobs: number): number {
  return patience(jobs, JOB_S * 1000)
}

/** What a person types to see the same. */
export function connectCommand({ protocol, address, port }: ConnectJob): string {
  return protocol === 'tcp'
    ? `timeout ${JOB_S} bash -c 'exec 3<>/dev/tcp/${address}/${port}'`
    : `exec 3<>/dev/udp/${address}/${port}; printf x >&3; read -t 1 -n 1 -u 3`
}

/** The first that fits counts. */
const STATES: readonly { readonly state: ConnectionState; readonly says: RegExp }[] = [
  { state: 'refused', says: /refused|reset by peer|no route to host|unreachable|not permitted/i },
  { state: 'lost', says: /timed out/i },
]

function unsent(text: string, status: number): ConnectReading {
  const why = /not permitted/i.test(text) ? 'not-permitted' : status > 125 ? 'not-installed' : 'unparsable'
  return { problem: { why, detail: oneLine(text) || `bash: exit ${status}` } }
}

/**
 * What one job tells; `status` is its exit status. Of ICMP errors a socket reports those that are final (Linux
 * `icmp_err_convert`): "port unreachable" as refused, "prohibited" as no route to the host.
 */
export function parseConnection(text: string, status: number | undefined): ConnectReading {
  if (status === undefined) return { problem: { why: 'timed-out', detail: 'bash was cut off' } }
  if (status === 0) return { state: 'answered' }
  if (status > 125 || text.startsWith('nsenter:')) return unsent(text, status)
  if (text.startsWith(OPENED)) return { state: 'stalled' }
  if (status === TIMED_OUT) return { state: 'lost' }
  const known = STATES.find(({ says }) => says.test(text))
  return known ? { state: known.state, error: bashWords(text) } : unsent(text, status)
}
