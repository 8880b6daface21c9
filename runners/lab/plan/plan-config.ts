/** The network configuration of a lab: the default one, or the user's with a backend put in where it has none. */
import { usage } from '../lab-error.ts'

export type LabBackend = 'vxlan' | 'host-gw' | 'udp'

/** Of flannel's manifest, and the cluster CIDR that its documentation gives kubeadm. */
const POD_NETWORK = '10.244.0.0/16'

const BACKENDS: readonly LabBackend[] = ['vxlan', 'host-gw', 'udp']

function parseConfig(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return usage(`the network configuration is not JSON: ${(error as Error).message}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  return usage('the network configuration is JSON, but not an object')
}

/** A field of the configuration, named in small letters: flannel's decoder ignores the case of names. */
export function configField(value: unknown, name: string): unknown {
  return Object.entries((value ?? {}) as object).find(([key]) => key.toLowerCase() === name)?.[1]
}

/** Backend type and final text of the network configuration. Throws LabError for text that no lab can run. */
export function planConfig(options: {
  readonly backend?: LabBackend
  readonly config?: string
  readonly kubernetes?: true | 'cluster'
}): {
  backend: LabBackend
  config: string
} {
  const asked = options.backend ?? 'vxlan'
  if (options.config === undefined) {
    return {
      backend: known(asked),
      config: JSON.stringify({
        Network: options.kubernetes ? POD_NETWORK : '10.5.0.0/16',
        Backend: { Type: asked },
      }),
    }
  }
  const config = parseConfig(options.config)
  if (typeof configField(config, 'network') !== 'string')
    usage('the network configuration has no Network, e.g. "10.5.0.0/16"')
  const backend = configField(config, 'backend')
  if (backend === undefined) {
    return { backend: known(asked), config: JSON.stringify({ ...config, Backend: { Type: asked } }) }
  }
  return { backend: known(configField(backend, 'type')), config: options.config }
}

/** flannel compares the type in lower case. */
function known(type: unknown): LabBackend {
  const backend = BACKENDS.find((name) => name === String(type).toLowerCase())
  return backend ?? usage(`the lab cannot run backend "${String(type)}"; it runs ${BACKENDS.join(', ')}`)
}
