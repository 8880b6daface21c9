/** A file a unit takes variables from. */
export interface EnvironmentFile {
  readonly path: string
  /** True when the unit starts without it (`EnvironmentFile=-PATH`). */
  readonly optional: boolean
}

/** A systemd service, as `systemctl show` tells it. */
export interface ServiceUnit {
  /** `docker.service`. */
  readonly name: string
  /** `loaded`, `not-found`, `masked`, … */
  readonly loadState: string
  /** `active`, `activating`, `inactive`, `failed`, … */
  readonly activeState: string
  /** `running`, `exited`, `dead`, … */
  readonly subState: string
  /** `simple`, `notify`, `oneshot`, … */
  readonly type?: string
  /** `always`, `on-failure`, `no`, … */
  readonly restart?: string
  readonly after: readonly string[]
  readonly before: readonly string[]
  readonly requires: readonly string[]
  readonly wants: readonly string[]
  readonly environmentFiles: readonly EnvironmentFile[]
  /** Command lines, variables unexpanded, passwords masked. */
  readonly commands: readonly string[]
  /** Exit status of its main process; 0 also when it never ran. */
  readonly exitStatus?: number
  /** Starts by its Restart= since it was loaded (systemd 235 and later). */
  readonly restarts?: number
}

/** The services of a host that runs systemd, by name. */
export type Services = ReadonlyMap<string, ServiceUnit>
