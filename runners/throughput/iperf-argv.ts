/** The words of iperf3(1), server and client. */
import { parseAddress } from '../../checks/model/address.ts'

/** Milliseconds in which the control connection must be there. */
const CONNECT_MS = 3000

export interface ServerWords {
  /** IPv4 literal that the server listens on. */
  readonly bind: string
  readonly port: number
}

export interface ClientWords {
  /** IPv4 literal. */
  readonly address: string
  readonly port: number
  readonly seconds: number
  readonly streams: number
  /** The server sends. */
  readonly reverse: boolean
}

/** The address, refused with TypeError when it is no IPv4 literal: it could be an option. */
function literal(address: string): string {
  if (parseAddress(address) === undefined) throw new TypeError(`not an IPv4 address: ${address}`)
  return address
}

/** A server that ends after one client. `--forceflush`: its word that it listens must not wait in a buffer. */
export function serverArgv({ bind, port }: ServerWords): readonly string[] {
  return ['iperf3', '-s', '-1', '-4', '-B', literal(bind), '-p', `${port}`, '--forceflush']
}

/** A client that prints JSON. */
export function clientArgv({ address, port, seconds, streams, reverse }: ClientWords): readonly string[] {
  const load = ['-t', `${seconds}`, '-P', `${streams}`, ...(reverse ? ['-R'] : [])]
  const connect = ['-p', `${port}`, '--connect-timeout', `${CONNECT_MS}`]
  return ['iperf3', '-c', literal(address), '-4', ...connect, ...load, '-J']
}

/** What a person types to measure the same. */
export function typedCommands(
  bind: string,
  { address, seconds, streams }: Pick<ClientWords, 'address' | 'seconds' | 'streams'>,
): { readonly server: string; readonly client: string } {
  return {
    server: `iperf3 -s -1 -B ${literal(bind)}`,
    client: `iperf3 -c ${literal(address)} -t ${seconds} -P ${streams}`,
  }
}
