/** Options of dockerd that decide about its bridge. */
export type DockerOptionName = 'bip' | 'mtu' | 'ip-masq'

/** One variable of an options file: DOCKER_OPTS, DOCKER_NETWORK_OPTIONS or DOCKER_OPT_*. */
export interface DockerOptionVariable {
  readonly name: string
  /** Values of the options it holds, without quotes. */
  readonly options: Readonly<Partial<Record<DockerOptionName, string>>>
  /** Words in its value, other options included: none means that it is set to nothing. */
  readonly words: number
}

/** A file that holds options for dockerd, written by mk-docker-opts.sh or by hand. */
export interface DockerOptionsFile {
  readonly path: string
  readonly variables: readonly DockerOptionVariable[]
  /** Lines that set a variable of another name; their text stays on the host. */
  readonly otherLines: number
  /** Lines that set no variable at all; their text stays on the host. */
  readonly junkLines: number
}

/** The options files of a host; none when no such file exists. */
export interface DockerOptions {
  readonly files: readonly DockerOptionsFile[]
}
