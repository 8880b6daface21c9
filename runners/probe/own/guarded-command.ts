/** How a command is started that must not outlive the probe: named by its token, and ending by itself. */
import { PROBE_VARIABLE } from './probe-token.ts'

/** Seconds after which such a command ends whatever becomes of us. */
const LONGEST_RUN_S = 300
/** Where Linux keeps tcpdump and nft; npm's own path would show another program named nft first. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin'

/** The command with its token in the environment: a removal ends it before it can make what is removed. */
export function markedArgv(token: string, argv: readonly string[]): readonly string[] {
  return ['env', `${PROBE_VARIABLE}=${token}`, ...argv]
}

/** The command with its token in the environment, so that `sweepProbes` finds it, and a limit of its own. */
export function guardedArgv(token: string, argv: readonly string[]): readonly string[] {
  const environment = ['LC_ALL=C', `PATH=${SYSTEM_PATH}`, `${PROBE_VARIABLE}=${token}`]
  return ['env', ...environment, 'timeout', '-s', 'INT', String(LONGEST_RUN_S), ...argv]
}
