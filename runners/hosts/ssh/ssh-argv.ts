/** Command lines of OpenSSH's `ssh`. */

/** Where an ssh runner goes. */
export interface SshDestination {
  /** The host URL, for messages. */
  readonly via: string
  readonly address: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  /** Text of an ssh_config(5) to use in place of the user's and the system's. */
  readonly config?: string | undefined
}

/** Files of one connection. */
export interface ConnectionFiles {
  /** Control socket. */
  readonly socket: string
  /** For `ssh -F`; without one, ssh reads the user's and the system's configuration. */
  readonly config?: string | undefined
}

/** Seconds for TCP, ProxyCommand and the first words of sshd. */
const CONNECT_SECONDS = 10

/**
 * Options that no configuration may change: nothing is asked, nothing but our command runs, nothing is forwarded.
 * The log level shows why a connection fails (Vagrant's configuration hides it). A silent connection ends after 15 s.
 */
const OPTIONS: readonly string[] = [
  'BatchMode=yes',
  `ConnectTimeout=${CONNECT_SECONDS}`,
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
  'LogLevel=ERROR',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
]

function option<T>(letter: string, value: T | undefined): readonly string[] {
  return value === undefined ? [] : [`-${letter}`, String(value)]
}

function common({ user, port }: SshDestination, { socket, config }: ConnectionFiles): readonly string[] {
  const fixed = [...OPTIONS, `ControlPath=${socket}`].flatMap((words) => ['-o', words])
  return ['ssh', ...option('F', config), ...fixed, ...option('l', user), ...option('p', port), '-T']
}

/** The connection that sessions share; it runs no command. `--` keeps a host name from being an option. */
export function masterArgv(target: SshDestination, files: ConnectionFiles): readonly string[] {
  const options = ['-o', 'ControlMaster=yes', '-o', 'ControlPersist=no', '-N']
  return [...common(target, files), ...options, '--', target.address]
}

/** One session over that connection, or over one of its own where sshd allows no more sessions in that one. */
export function sessionArgv(target: SshDestination, files: ConnectionFiles, line: string): readonly string[] {
  return [...common(target, files), '-o', 'ControlMaster=no', '--', target.address, line]
}

/** What a person would type to see the same. */
export function shownArgv(
  { address, user, port }: SshDestination,
  argv: readonly string[],
): readonly string[] {
  return ['ssh', ...option('l', user), ...option('p', port), '--', address, ...argv]
}
