/**
 * Datagrams to the UDP port of the overlay, sent by bash's `/dev/udp`, which hosts have where other tools are missing.
 *
 * The datagram is one NUL octet. It harms nobody, because it is shorter than any header: the kernel's vxlan
 * socket drops what does not hold a VXLAN header (Linux `drivers/net/vxlan/vxlan_core.c`, `vxlan_rcv`; kernels up to
 * 4.5 leave it in a receive queue of bounded size that nobody reads), flanneld's udp proxy what does not hold an IPv4
 * header, with one line in its log (flannel `pkg/backend/udp/proxy_amd64.c`, `sock_recv_packet`).
 */
import type { PortState } from '../../checks/model/observation.ts'
import {
  bashWords,
  inWaves,
  patience,
  toldFunction,
  verifiedAddress,
  verifyPort,
} from './jobs/script-jobs.ts'

/** Seconds to wait for a refusal, after each of two datagrams: one may be lost. */
const WAIT_S = 0.5
const DATAGRAMS = 2

/** How far a job came, as its exit status. */
const AT = { open: 20, send: 21, wait: 22 } as const

/** Where a datagram goes. */
export interface PortJob {
  /** IPv4 literal. */
  readonly address: string
  readonly port: number
}

const OPENING = (token: string): string => `LC_ALL=C
ask() {
  exec 2>&1 3<>"/dev/udp/$1/$2" || exit ${AT.open}
  n=0
  while [ $((n += 1)) -le ${DATAGRAMS} ]; do
    printf '\\0' >&3 || exit ${AT.send}
    IFS= read -r -t ${WAIT_S} -n 1 -u 3
    s=$?
    [ $s = 0 ] && exit 0
    [ $s -gt 128 ] || exit ${AT.wait}
  done
}
${toldFunction(token)}
job() {
  out=$(ask "$2" "$3" </dev/null 2>&1)
  s=$?
  told "$1" "$out" "$s"
}`

function jobLine({ address, port }: PortJob, index: number): string {
  verifiedAddress(address)
  verifyPort(port)
  return `job p${index} ${address} ${port} &`
}

/** The script of one host, run as `bash -s`. Throws TypeError for what is no IPv4 address or port. */
export function portScript(token: string, jobs: readonly PortJob[]): string {
  return [OPENING(token), ...inWaves(jobs.map(jobLine)), 'exit 0', ''].join('\n')
}

/** Milliseconds after which a script of so many jobs is killed. */
export function portPatience(jobs: number): number {
  return patience(jobs, DATAGRAMS * WAIT_S * 1000)
}

/** What a person types to see the same. */
export function portCommand({ address, port }: PortJob): string {
  return `exec 3<>/dev/udp/${address}/${port}; printf '\\0' >&3; read -t 1 -u 3`
}

/** The first that fits counts. bash itself ends with 1 when it cannot open the socket. */
const STATES: readonly {
  readonly state: PortState
  readonly at: readonly number[]
  readonly says: RegExp
}[] = [
  { state: 'closed', at: [AT.send, AT.wait], says: /refused/i },
  { state: 'prohibited', at: [AT.send, AT.wait], says: /no route to host|unreachable|is down/i },
  { state: 'unreachable', at: [AT.open, AT.send, 1], says: /\S/ },
]

/**
 * What one job tells; `status` is its exit status. Of ICMP errors a UDP socket reports those that are final
 * (Linux `icmp_err_convert`): "port unreachable" as refused, "prohibited" of any kind as no route to the host.
 * Undefined when the job itself failed.
 */
export function parsePort(
  text: string,
  status: number | undefined,
): { readonly state: PortState; readonly error?: string } | undefined {
  if (status === 0 && text.trim() === '') return { state: 'open-or-filtered' }
  const rule = STATES.find(({ at, says }) => at.includes(status ?? -1) && says.test(text))
  return rule && { state: rule.state, error: bashWords(text) }
}
