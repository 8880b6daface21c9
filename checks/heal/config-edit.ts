/** The network configuration with one option changed, as a command that writes it; everything else stays as it was written. */

import type { HealStep } from '../heal-step.ts'
import { formatPrefix } from '../model/address.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { putKey } from './steps.ts'

type Options = Readonly<Record<string, unknown>>

/** Option names match without regard to case, as in Go. */
function withOption(options: Options, name: string, value: unknown): Options {
  const written = Object.keys(options).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name
  return { ...options, [written]: value }
}

function optionsAt(options: Options, name: string): Options {
  const written = Object.keys(options).find((key) => key.toLowerCase() === name.toLowerCase())
  const value = written === undefined ? undefined : options[written]
  return typeof value === 'object' && value !== null ? (value as Options) : {}
}

/** Options to be written; those of `Backend` inside it. */
export interface ConfigChange {
  readonly top?: Options
  readonly backend?: Options
}

/** The text of a configuration with some options written anew. */
export function editedConfig({ text }: NetworkConfig, { top = {}, backend = {} }: ConfigChange): string {
  let options = JSON.parse(text) as Options
  for (const [name, value] of Object.entries(top)) options = withOption(options, name, value)
  let inside = optionsAt(options, 'Backend')
  for (const [name, value] of Object.entries(backend)) inside = withOption(inside, name, value)
  return JSON.stringify(Object.keys(backend).length === 0 ? options : withOption(options, 'Backend', inside))
}

/** The part of a draft that writes the configuration; nothing where it is not known. */
export function configEdit(
  { datastore: { etcd, config } }: ClusterSnapshot,
  change: ConfigChange,
  effect: string,
): { readonly heal: readonly HealStep[]; readonly data: Readonly<Record<string, string>> } {
  if (!etcd.known || !config.known) return { heal: [], data: {} }
  return {
    heal: [putKey('{configKey}', '{configText}', effect)],
    data: { configKey: `${etcd.value.prefix}/config`, configText: editedConfig(config.value, change) },
  }
}

/** The Network that every host still works with, as its subnet.env says. */
function runningNetwork({ hosts }: ClusterSnapshot): string | undefined {
  const networks = [...hosts.values()].map(({ facts: { subnetEnv } }) =>
    subnetEnv.known && subnetEnv.value.network ? formatPrefix(subnetEnv.value.network) : undefined,
  )
  const [first] = networks
  return networks.every((one) => one === first) ? first : undefined
}

/** The part of a draft that puts the Network back that all hosts run; no step where they do not agree. */
export function formerNetwork(snapshot: ClusterSnapshot): ReturnType<typeof configEdit> {
  const network = runningNetwork(snapshot)
  if (network === undefined) return { heal: [], data: {} }
  return configEdit(
    snapshot,
    { top: { Network: network } },
    'the configuration says again what all hosts run',
  )
}
