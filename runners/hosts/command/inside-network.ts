/** A host's runner that works in another network of that host: a container's. */
import type { Runner } from './runner.ts'

/** Which network: that of a process, or a namespace that has a path. */
export type NetworkOf = { readonly pid: number } | { readonly path: string }

/** A runner for that network; everything but the network is the host's, so the container needs no tools. */
export function insideNetwork(runner: Runner, network: NetworkOf): Runner {
  const path = 'pid' in network ? `/proc/${Math.trunc(network.pid)}/ns/net` : network.path
  const prefix = ['nsenter', `--net=${path}`, '--']
  return {
    ...runner,
    run: (argv, options) => runner.run([...prefix, ...argv], options),
    open: (argv, options) => runner.open([...prefix, ...argv], options),
  }
}
