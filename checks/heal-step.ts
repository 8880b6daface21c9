/** How a finding is healed: steps as templates, declared with its code, and the commands that come of them. */
import type { HostName } from './model/snapshot.ts'

/** On whose shell a command is typed: every host of the network in turn for `every-host`; `only` names one. */
export type HealHost = 'host' | 'peer' | 'every-host' | { readonly only: HostName }

/**
 * One command that heals, as a template. `{name}` becomes one word of the shell, quoted where it must be, `{name...}`
 * the words of a value such as a route. Where one cannot be filled, the finding has no commands.
 */
export interface CommandStep {
  readonly on: HealHost
  readonly command: string
  /** What it does, in a few words. */
  readonly effect: string
  /** The command that takes it back. */
  readonly undo?: string
  /** True when what it does outlasts a restart of the daemons and a reboot. */
  readonly restartProof: boolean
}

/** A daemon to be restarted, however it is run on that host. */
export interface RestartStep {
  readonly on: HealHost
  readonly restart: 'flanneld' | 'docker'
  /** Options, as templates, that it is started with besides its own. */
  readonly options?: readonly string[]
  /** Files, as templates, without which it is left alone. */
  readonly files?: readonly string[]
  /** Name of the value that is the pid of the process, where several run. */
  readonly pid?: string
}

/** A key of flannel's etcd that is written, deleted, or copied from the store of the other API, or another command of etcdctl; key and value are templates. */
export type DatastoreStep = {
  readonly on: 'datastore'
  readonly key: string
  /** Name of the value that says which API, where it is not the one that was read. */
  readonly api?: string
  readonly effect: string
} /** `run`: the key is the words after etcdctl. */ & (
  | { readonly etcd: 'delete' | 'run' }
  | { readonly etcd: 'put'; readonly value: string }
  | {
      readonly etcd: 'copy'
      /** Name of the value that says which API it is read by. */
      readonly from: string
    }
)

export type HealStep = CommandStep | RestartStep | DatastoreStep

/** One command that heals a finding, and where it is run. */
export interface Fix {
  /** The host it is run on; empty: wherever etcd can be reached. */
  readonly host: HostName
  /** As typed in a root shell of that host; pasteable. */
  readonly command: string
  readonly effect: string
  readonly undo?: string
  readonly restartProof: boolean
}
