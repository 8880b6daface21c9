/** Where one side of a measurement runs. */
import type { Runner } from '../hosts/command/runner.ts'

/** A host or a container; the programs are always the host's, entered into the container's network. */
export interface Place {
  readonly host: string
  /** Works in the network of that host or container. */
  readonly runner: Runner
  /** In the environment of everything that is started there, see `guarded-command.ts`. */
  readonly token: string
}
