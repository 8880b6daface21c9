/** Listeners at the far ends of tried connections: one process for each end, one command for each host. */
import type { SendProblem } from '../../../checks/model/observation.ts'
import { oneLine } from '../../collect/section/absence.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import type { Runner, RunningCommand } from '../../hosts/command/runner.ts'
import { unrunProblem, verifiedAddress } from '../jobs/script-jobs.ts'
import { guardedArgv } from '../own/guarded-command.ts'
import { newProbeToken } from '../own/probe-token.ts'
import { PERL, PYTHON } from './listener-code.ts'

/** Where to listen. */
export interface ListenerPlace {
  /** IPv4 literal that is held there; the ports are known by it. */
  readonly address: string
  /** Path of the network namespace. */
  readonly namespace: string
}

export interface ListenerPorts {
  readonly tcp: number
  readonly udp: number
}

/** What listens on one host. */
export interface Listeners {
  /** By address; what is not there does not listen. */
  readonly ports: ReadonlyMap<string, ListenerPorts>
  /** Why some do not. */
  readonly problem?: SendProblem
  /** Ends them all. Never rejects. */
  stop(): Promise<void>
}

/** A listener is ready in a few hundredths of a second; a busy host takes longer to start it. */
const READY_MS = 5000
/** Seconds after which it ends whatever becomes of us. */
const LIFE_S = 60
const LONGEST_OUTPUT = 65_536
const PORTS = /^([\d.]{7,15}) tcp (\d{1,5}) udp (\d{1,5})$/gm
const NO_TOOL = 'no listener'
const FAILED = 'does not listen'
const FAILURES = new RegExp(`^[\\d.]{7,15} ${FAILED}$`, 'gm')

function listenLine({ address, namespace }: ListenerPlace): string {
  verifiedAddress(address)
  return `listen ${posixQuote(`--net=${namespace}`)} ${address}`
}

/** The script of one host: the language is chosen there, and Python loads nothing from the folder it is started in (-I). Throws TypeError for what is no address. */
export function listenScript(places: readonly ListenerPlace[], nonce: string): string {
  const start = (words: string, code: string): string =>
    `listen() { { nsenter "$1" ${words} ${posixQuote(code)} "$2" ${posixQuote(nonce)} ${LIFE_S} || echo "$2 ${FAILED}"; } & }`
  return [
    'exec 2>&1',
    'if perl -MSocket -e 1 2>/dev/null; then',
    start('perl -e', PERL),
    "elif python3 -I -c 'import selectors' 2>/dev/null; then",
    start('python3 -I -c', PYTHON),
    `else echo ${posixQuote(NO_TOOL)}; exit 0; fi`,
    ...places.map(listenLine),
    'wait',
  ].join('\n')
}

/** The ports that the words of the listeners name. */
export function portsIn(words: string): ReadonlyMap<string, ListenerPorts> {
  return new Map(
    [...words.matchAll(PORTS)].map(([, address = '', tcp, udp]) => [
      address,
      { tcp: Number(tcp), udp: Number(udp) },
    ]),
  )
}

function problemOf(words: string): SendProblem {
  if (words.includes(NO_TOOL))
    return { why: 'not-installed', detail: 'neither perl nor python3 to listen with' }
  const said = words.split('\n').find((line) => line !== '' && !line.match(PORTS) && !line.match(FAILURES))
  return { why: 'missing', detail: oneLine(said ?? 'the listener did not say its ports in time') }
}

/** Reads until all have said their ports, all have ended, or the time is up. */
async function heard({ stdout, ended }: RunningCommand, count: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const decoder = new TextDecoder()
  let words = ''
  const read = (async () => {
    for await (const chunk of stdout) {
      if (words.length < LONGEST_OUTPUT) words += decoder.decode(chunk, { stream: true })
      if (portsIn(words).size + (words.match(FAILURES)?.length ?? 0) >= count) resolve()
    }
  })()
  void Promise.allSettled([read, ended]).then(() => resolve())
  const timer = setTimeout(resolve, READY_MS)
  await promise
  clearTimeout(timer)
  return words
}

/** Starts the listeners of one host and resolves when they listen. Never rejects for the host's sake. */
export async function startListeners(
  runner: Runner,
  places: readonly ListenerPlace[],
  { nonce, signal }: { readonly nonce: string; readonly signal: AbortSignal },
): Promise<Listeners> {
  const argv = guardedArgv(newProbeToken(), ['sh', '-c', listenScript(places, nonce)])
  try {
    const command = await runner.open(argv, { signal })
    const words = await heard(command, places.length)
    const ports = portsIn(words)
    const stop = async (): Promise<void> => void (await command.stop(0))
    return { ports, ...(ports.size < places.length && { problem: problemOf(words) }), stop }
  } catch (error) {
    return { ports: new Map(), problem: unrunProblem(error), stop: async () => {} }
  }
}
