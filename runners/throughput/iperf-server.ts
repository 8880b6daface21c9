/** An iperf3 server for one client, ready when it says so. */
import { randomInt } from 'node:crypto'
import type { Measured } from '../../reports/throughput/throughput.ts'
import type { CommandEnd, RunningCommand } from '../hosts/command/runner.ts'
import { guardedArgv } from '../probe/own/guarded-command.ts'
import { serverArgv } from './iperf-argv.ts'
import { commandFailure, entryFailure, type Side } from './side.ts'

/** Below the ports that Linux gives to clients (ip_local_port_range, 32768 upwards). */
const PORTS = { least: 20_000, most: 30_000 } as const
const ATTEMPTS = 4
/** A server listens within milliseconds; a busy host takes longer to start it. */
const READY_MS = 10_000
const LONGEST_STDERR = 16_384

export interface IperfServer {
  readonly port: number
  /** Ends it with its group; gives what it said. */
  stop(): Promise<string>
}

interface Words {
  text: string
}

async function hear(stream: AsyncIterable<Uint8Array>, words: Words, heard: () => void): Promise<void> {
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    if (words.text.length < LONGEST_STDERR) words.text += decoder.decode(chunk, { stream: true })
    heard()
  }
}

type Readiness = 'listening' | { readonly ended: CommandEnd } | 'silent'

interface Listener {
  readonly command: RunningCommand
  readonly words: Words
  readonly heard: Promise<unknown>
  readonly readiness: Readiness
}

async function listen(command: RunningCommand): Promise<Listener> {
  const words: Words = { text: '' }
  const { promise, resolve } = Promise.withResolvers<Readiness>()
  const look = (): void => {
    if (/^Server listening on \d+/m.test(words.text)) resolve('listening')
  }
  const heard = Promise.all([hear(command.stdout, words, look), hear(command.stderr, words, look)])
  void command.ended.then(async (ended) => {
    await heard
    resolve({ ended })
  })
  const timer = setTimeout(() => resolve('silent'), READY_MS)
  const readiness = await promise
  clearTimeout(timer)
  return { command, words, heard, readiness }
}

async function openOnce(
  side: Side,
  bind: string,
  signal: AbortSignal,
): Promise<Measured<IperfServer> | 'port-taken'> {
  const port = randomInt(PORTS.least, PORTS.most)
  const argv = guardedArgv(side.token, serverArgv({ bind, port }))
  const { command, words, heard, readiness } = await listen(await side.runner.open(argv, { signal }))
  const stop = async (): Promise<string> => {
    await command.stop()
    await heard
    return words.text
  }
  if (readiness === 'listening') return { port, stop }
  const said = await stop()
  if (said.includes('Address already in use')) return 'port-taken'
  if (signal.aborted) return { problem: `iperf3 on ${side.host} was interrupted` }
  const end = readiness === 'silent' ? { timedOut: true as const } : readiness.ended
  return { problem: commandFailure({ command: 'iperf3', host: side.host, end, said }) }
}

/**
 * Starts a server on an address of that side and a port nobody has. Never rejects for the host's sake.
 * It ends with its client, with `stop`, with the signal, or by itself after `guardedArgv`'s limit.
 */
export async function openIperfServer(
  side: Side,
  bind: string,
  signal: AbortSignal,
): Promise<Measured<IperfServer>> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const server = await openOnce(side, bind, signal)
      if (server !== 'port-taken') return server
    }
    return { problem: `iperf3 on ${side.host}: ${ATTEMPTS} ports were all taken` }
  } catch (error) {
    return { problem: entryFailure(side.host, error) }
  }
}
