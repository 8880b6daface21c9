/**
 * Who starts the pings of which hosts. Hosts that are networks of this machine share a shell: to start one for each, this
 * process copies its page tables (fork(2)) and waits for the child's exec, one after another, for longer than the pings take.
 */
import type { Runner } from '../hosts/command/runner.ts'
import { localRunner } from '../hosts/local.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { HostTarget } from '../inventory/inventory.ts'
import { networkHere } from '../inventory/namespace.ts'
import { pool } from '../pool.ts'

/** A host, and the network namespace that its own pings go out from where that is not its shell's. */
export interface SendingHost {
  readonly target: HostTarget
  readonly network: string | undefined
}

/** One shell, and the hosts whose pings it starts. */
export interface Sender {
  readonly runner: Runner
  readonly hosts: readonly [SendingHost, ...SendingHost[]]
}

function sharedBy([first, ...more]: readonly SendingHost[]): readonly Sender[] {
  return first === undefined ? [] : [{ runner: localRunner(first.target.name), hosts: [first, ...more] }]
}

function ofItsOwn(host: SendingHost): Sender {
  const { target } = host
  return { runner: makeRunner(target.name, target.via, target), hosts: [host] }
}

/** Hands every host to `send`, by its sender; of either kind as many hosts at a time as `concurrency`. Gives what `send` gave. */
export async function eachSender<T>(
  targets: readonly HostTarget[],
  concurrency: number,
  send: (sender: Sender) => Promise<T>,
): Promise<readonly T[]> {
  const hosts = targets.map((target): SendingHost => ({ target, network: networkHere(target) }))
  const here = hosts.filter(({ network }) => network !== undefined)
  const parties = [...Map.groupBy(here.entries(), ([at]) => Math.floor(at / concurrency)).values()]
  const shared = parties.flatMap((party) => sharedBy(party.map(([, host]) => host)))
  const apart = hosts.filter(({ network }) => network === undefined).map(ofItsOwn)
  const given = await Promise.all([pool(shared, 1, send), pool(apart, concurrency, send)])
  return given.flat()
}
