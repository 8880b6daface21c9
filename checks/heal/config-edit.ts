/** The network configuration with one option changed, as a command that writes it; everything else stays as it was written. */

import type { HealStep } from '../heal-step.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { withOptionNames, writtenName } from './option-names.ts'
import { runningConfig, runningLength, runningNetwork, runningType } from './running-config.ts'
import { putKey } from './steps.ts'

type Options = Readonly<Record<string, unknown>>

function withOption(options: Options, name: string, value: unknown): Options {
  const written = writtenName(Object.keys(options), name) ?? name
  return { ...options, [written]: value }
}

function optionsAt(options: Options, name: string): Options {
  const written = writtenName(Object.keys(options), name)
  const value = written === undefined ? undefined : options[written]
  return typeof value === 'object' && value !== null ? (value as Options) : {}
}

/** Options to be written; those of `Backend` inside it. */
export interface ConfigChange {
  readonly top?: Options
  readonly backend?: Options
}

/** The text of a configuration with some options written anew. */
function editedConfig({ text }: NetworkConfig, { top = {}, backend = {} }: ConfigChange): string {
  let options = JSON.parse(text) as Options
  for (const [name, value] of Object.entries(top)) options = withOption(options, name, value)
  let inside = optionsAt(options, 'Backend')
  for (const [name, value] of Object.entries(backend)) inside = withOption(inside, name, value)
  return JSON.stringify(Object.keys(backend).length === 0 ? options : withOption(options, 'Backend', inside))
}

/** The part of a draft that writes the configuration. */
export interface ConfigWriting {
  readonly heal: readonly HealStep[]
  readonly data: Readonly<Record<string, string>>
}

const NONE: ConfigWriting = { heal: [], data: {} }

/** Writes a text as the configuration; nothing where its key is not known. */
function configWritten(
  { datastore: { etcd } }: ClusterSnapshot,
  configText: string,
  effect: string,
): ConfigWriting {
  // What was masked on its way here is not known; what to do with the keys of a directory in its place is a person's to say.
  if (!etcd.known || etcd.value.configIsDirectory || configText.includes('****')) return NONE
  return {
    heal: [putKey('{configKey}', '{configText}', effect)],
    data: { configKey: `${etcd.value.prefix}/config`, configText },
  }
}

/** The configuration with some options changed; nothing where it is not known. */
export function configEdit(snapshot: ClusterSnapshot, change: ConfigChange, effect: string): ConfigWriting {
  const { config } = snapshot.datastore
  return config.known ? configWritten(snapshot, editedConfig(config.value, change), effect) : NONE
}

/** The part of a draft that writes misspelt keys as the options that they are meant to be. */
export function optionNames(snapshot: ClusterSnapshot, keys: readonly string[]): ConfigWriting {
  const { config } = snapshot.datastore
  const text = config.known ? withOptionNames(config.value, keys) : undefined
  const effect = 'the option stands where flannel reads it; flanneld takes it at its next start'
  return text === undefined ? NONE : configWritten(snapshot, text, effect)
}

const BACK = 'the configuration says again what all hosts run'

/** The part of a draft that puts the Network back that hosts run; no step where they do not agree. */
export function formerNetwork(snapshot: ClusterSnapshot): ConfigWriting {
  const network = runningNetwork(snapshot)
  if (network === undefined) return NONE
  return configEdit(snapshot, { top: { Network: network } }, BACK)
}

/** The same with the length of subnets. */
export function formerSizes(snapshot: ClusterSnapshot): ConfigWriting {
  const [network, length] = [runningNetwork(snapshot), runningLength(snapshot)]
  if (network === undefined || length === undefined) return NONE
  return configEdit(snapshot, { top: { Network: network, SubnetLen: length } }, BACK)
}

/** The part of a draft that puts the backend back that all leases are of. */
export function formerType(snapshot: ClusterSnapshot): ConfigWriting {
  const type = runningType(snapshot)
  if (type === undefined) return NONE
  return configEdit(snapshot, { backend: { Type: type } }, BACK)
}

/** The part of a draft that writes back what hosts still show of a configuration that is gone. */
export function writeRunningConfig(snapshot: ClusterSnapshot): ConfigWriting {
  const text = runningConfig(snapshot)
  const effect =
    'the configuration says what hosts and leases still show of it; other options are to be added'
  return text === undefined ? NONE : configWritten(snapshot, text, effect)
}
