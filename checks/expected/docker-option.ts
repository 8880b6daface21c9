/** dockerd's settings, from its command line and daemon.json (it refuses one given in both places). */
import type { Docker } from '../model/container-bridge.ts'

/** Value of `--NAME=VALUE` or `--NAME VALUE`, else of daemon.json; undefined when neither sets it. */
export function dockerOption({ argv, daemonJson }: Docker, name: string): string | undefined {
  const flag = `--${name}`
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`))
  const word = argv[at]
  if (word === undefined) return daemonJson[name]
  return word === flag ? (argv[at + 1] ?? '') : word.slice(flag.length + 1)
}
