/**
 * A remote host that ssh does not reach: whether its address answers a ping from here tells a machine or network that
 * is down from a firewall or an sshd that is. The npm package `ping` is used for this alone: it pings from this machine
 * only, and what it prints is not needed. It is never given anything but an IPv4 literal.
 */
import { parseAddress } from '../../checks/model/address.ts'
import { commandPath } from '../setup/search-path.js'
import { RunnerError } from './command/runner.ts'
import { parseHostUrl } from './host-url.ts'

/** Seconds to wait for the one answer, and after which ping ends whatever happens. */
const WAIT_S = 1
const LONGEST_S = 2

/** Whether an IPv4 address answers one ping from this machine; undefined when none can be sent. Never rejects. */
export async function answersPing(address: string): Promise<boolean | undefined> {
  if (parseAddress(address) === undefined || commandPath('ping') === undefined) return undefined
  const { default: ping } = await import('ping')
  try {
    const settings = { numeric: true, v6: false, min_reply: 1, timeout: WAIT_S, deadline: LONGEST_S }
    return (await ping.promise.probe(address, settings)).alive
  } catch {
    return undefined // ping itself could not be started
  }
}

/** The address of a remote host, where the problem leaves open whether the machine is there at all. */
function askedAddress(via: string, { problem, message }: RunnerError): string | undefined {
  const url = parseHostUrl(via)
  const isOpen = problem === 'unreachable' && !/refused/i.test(message)
  return url.kind === 'ssh' && isOpen ? url.address : undefined
}

/** The problem of reaching a host, with what a ping of its address says where that is an IPv4 literal. */
export async function withPing(via: string, problem: RunnerError): Promise<RunnerError> {
  const address = askedAddress(via, problem)
  const answers = address === undefined ? undefined : await answersPing(address)
  if (answers === undefined) return problem
  const words = answers ? 'answers ping from here' : 'does not answer ping from here either'
  return new RunnerError(problem.problem, `${problem.message}; ${address} ${words}`)
}
