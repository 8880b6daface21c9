/**
 * A section is one command's raw answer on one host: what is recorded, replayed and
 * parsed. A fact's file says which command fills its section and how it is read.
 */
import type { Absence, HostFactName, HostFacts } from '../../../checks/model/snapshot.ts'

/** How a section's command ended on the host. */
export type SectionEnd =
  | { readonly exit: number }
  | { readonly timedOut: true }
  /** Output stopped before its end mark (connection lost, shell killed). */
  | { readonly truncated: true }

/** One command's raw answer. */
export interface Section {
  readonly name: HostFactName
  /** What a person would type to see the same. */
  readonly command: string
  readonly stdout: string
  readonly stderr: string
  readonly end: SectionEnd
  /** Milliseconds the section took, as seen from here. */
  readonly ms: number
}

/** What one host's inventory entry changes in the commands. */
export interface CollectSettings {
  /** Default /run/flannel/subnet.env (flannel `main.go`). Absent: the running flanneld's own -subnet-file, else the default. */
  readonly subnetFile?: string
  readonly flanneldPid?: number
  /** A file that flanneld's standard error goes to. Absent: what a running one holds open, its unit's journal, its container's log. */
  readonly flanneldLog?: string
  readonly dockerSocket?: string
  /** The only file with options for dockerd. Absent: the well-known ones, where the host has files of its own. */
  readonly dockerOptionsFile?: string
  /** True where the host is a network namespace of a machine whose files and services are not its own. */
  readonly sharesFiles?: boolean
  /** Containers whose network namespace the inventory names; path below /run/netns. */
  readonly containers: readonly { readonly name: string; readonly namespace: string }[]
}

/** A value that could not be read out of a section's text. */
export interface ParseProblem {
  readonly why: Absence
  readonly detail: string
}

export type Parsed<T> = { readonly value: T } | { readonly problem: ParseProblem }

/** One fact: its command and its parser. One file each in facts/. */
export interface FactCollector<K extends HostFactName = HostFactName> {
  readonly fact: K
  /** What a person would type; shown as evidence. */
  readonly command: string
  /** The same for one host, where its settings change what a person would type. */
  commandFor?(settings: CollectSettings): string
  /** POSIX shell lines that print the section; may use the variables set by the prelude. Words from settings are quoted with `posixQuote`. */
  script(settings: CollectSettings): string
  /** Exit statuses that still carry a readable answer; default 0 only. */
  readonly acceptExit?: readonly number[]
  /** True for a fact that states recorded by earlier versions lack: it is then not applicable instead of missing. */
  readonly isRecent?: boolean
  parse(section: Section): Parsed<HostFacts[K]>
}
