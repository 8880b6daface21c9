/** What commander hands over for each command: one type each, of the options its grammar declares. */
import type { Severity } from '../../../checks/check.ts'
import type { Waiver } from '../../../checks/diagnosis/waivers.ts'
import type { TargetOptions } from '../../inventory/targets.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { NamedPlugin } from '../../plugins/plugin-file.ts'

/** `--host`, `--inventory`, `--etcd…` and the bounds of a run. */
export interface TargetFlags extends TargetOptions {
  /** Seconds. */
  readonly deadline?: number
  readonly concurrency?: number
  readonly progress?: true
}

/** Which checks run and which findings count. */
export interface SelectionFlags {
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly failOn?: Severity
  /** Those of the configuration file. */
  readonly waivers?: readonly Waiver[]
}

/** Checks, facts and formats of others. */
export interface PluginFlags {
  /** Packages and files, as given. */
  readonly plugin?: readonly string[]
  /** Those of the configuration file. */
  readonly configPlugins?: readonly NamedPlugin[]
}

/** How a report is rendered. */
export interface OutputFlags {
  /** NAME or NAME=FILE, as given. */
  readonly format?: readonly string[]
  readonly color?: 'auto' | 'always' | 'never'
  readonly quiet?: true
}

/** What is kept or shown is for strangers. */
export interface RedactFlag {
  readonly redact?: true
}

export interface CheckFlags extends TargetFlags, SelectionFlags, OutputFlags, RedactFlag, PluginFlags {
  readonly readOnly?: true
  readonly probe?: true
  readonly confirm?: true
  /** Of Kubernetes: pods of others do not count. */
  readonly namespace?: string
  /** Seconds between looks; looking once where absent. */
  readonly watch?: number
  readonly save?: string
}

export interface TraceFlags extends TargetFlags, SelectionFlags, OutputFlags, RedactFlag, PluginFlags {
  readonly intrude?: true
  /** Bytes. */
  readonly size?: number
  /** Ports. */
  readonly tcp?: number
  readonly udp?: number
  readonly save?: string
}

export interface CollectFlags extends TargetFlags, RedactFlag, PluginFlags {
  readonly local?: true
  readonly name?: string
  readonly save?: string
}

export interface DiffFlags extends OutputFlags, Pick<SelectionFlags, 'waivers'>, PluginFlags {}

export interface ReplayFlags extends SelectionFlags, OutputFlags, RedactFlag, PluginFlags {
  readonly etcdOf?: string
  readonly save?: string
}

export interface ConformanceFlags extends TargetFlags, OutputFlags, PluginFlags {
  readonly profile?: readonly string[]
  readonly strict?: true
  readonly readOnly?: true
  readonly disruptive?: true
}

export interface BenchFlags extends TargetFlags, Omit<OutputFlags, 'quiet'> {
  readonly pair?: readonly string[]
  readonly seconds: number
  readonly streams: number
  readonly rounds: number
  readonly lab?: true
  readonly backend?: LabBackend
}

/** `list`. */
export interface ListFlags extends PluginFlags {
  readonly format?: readonly string[]
}

/** Which lab. */
export interface LabFlags {
  readonly name?: string
}

/** `lab status`. */
export interface LabStatusFlags extends LabFlags {
  readonly format?: string
}

export interface LabUpFlags extends LabFlags {
  readonly lab: 'netns' | 'docker'
  readonly image?: string
  readonly hosts: number
  readonly backend: LabBackend
  readonly config?: string
  readonly etcdApi: 'v2' | 'v3'
  readonly kubernetes?: true | 'cluster'
  readonly pods: number
  readonly tls?: true
  readonly flanneld?: string
  readonly docker: 'bridge' | 'real'
  readonly ipMasq: boolean
  readonly underlays: 1 | 2
  readonly etcdPrefix?: string
}

export interface LabDownFlags extends LabFlags {
  readonly all?: true
}

export interface LabInjectFlags extends LabFlags, PluginFlags {
  readonly host?: string
  readonly peer?: string
}

export interface LabMatrixFlags extends PluginFlags {
  readonly backend?: LabBackend
  readonly kubernetes?: true
  readonly fault?: readonly string[]
  readonly pairs?: number
  readonly trace?: true
  readonly fix?: true
  /** NAME or NAME=FILE. */
  readonly format?: readonly string[]
  readonly record?: string
}

export interface LabVersionsFlags {
  readonly versions?: readonly string[]
  readonly backend?: LabBackend
  readonly format?: readonly string[]
}
