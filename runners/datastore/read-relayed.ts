/**
 * Reads etcd in a network that this process cannot enter, by plain HTTP: a shell there opens the connection and passes its
 * octets on. Where bash is not installed, is built without /dev/tcp, or anything remains unanswered, there is no reading.
 */
import type { Agent } from 'node:http'
import { isIP } from 'node:net'
import { openSocket } from '../hosts/command/open-socket.ts'
import { parseEndpoint } from './http/endpoint-url.ts'
import { readEtcd } from './read-etcd.ts'
import type { EtcdReading } from './reading.ts'
import type { EtcdRequest } from './request.ts'

/** For all of it: etcd answers at once, or has to be asked in a way that can tell why not. */
const MOST_MS = 1500

/** Descriptor 3 is ours; when either side has closed, all of it ends (`kill 0`: the process group). */
const RELAY = 'exec 4<>"/dev/tcp/$0/$1" || exit; (cat <&4 >&3; kill 0) & cat <&3 >&4; kill 0'

/** True where plain HTTP at an address is all that is asked for. */
export function isPlain({ endpoints, user, ca, cert, key }: EtcdRequest): boolean {
  if ([user, ca, cert, key].some((one) => one !== undefined)) return false
  return endpoints.every((text) => {
    const url = parseEndpoint(text, false)
    return !('problem' in url) && url.protocol === 'http:' && isIP(url.hostname) === 4
  })
}

/** One connection for each endpoint, one question after another on it. */
function relayingAgent(network: string): Agent {
  const { Agent: HttpAgent } = process.getBuiltinModule('node:http')
  const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 })
  agent.createConnection = ({ host, port }) =>
    openSocket(['nsenter', `--net=${network}`, '--', 'bash', '-pc', RELAY, `${host}`, `${port}`])
  return agent
}

/** The whole reading, or undefined. The network is a path of its namespace; entering it needs root. Never rejects. */
export async function readRelayed(
  network: string,
  request: EtcdRequest,
  signal: AbortSignal,
): Promise<EtcdReading | undefined> {
  const given = new AbortController()
  const agent = relayingAgent(network)
  try {
    const bounds = [signal, given.signal, AbortSignal.timeout(MOST_MS)]
    const ended = AbortSignal.any(bounds)
    const reading = await readEtcd(request, ended, { agent, giveUp: () => given.abort() })
    return ended.aborted ? undefined : reading
  } finally {
    agent.destroy()
  }
}
