/** The `Backend` object of PREFIX/config: type, options and their defaults. */
import { UDP_PORT, VXLAN_PORT } from '../../../checks/expected/constants.ts'
import type { Backend, NetworkConfig } from '../../../checks/model/network-config.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { FieldError, flagField, type GoObject, goObject, numberField, textField } from './go-json.ts'

export type BackendOptions = Pick<
  NetworkConfig,
  'backend' | 'backendType' | 'vni' | 'port' | 'directRouting' | 'gbp' | 'learning' | 'mtu'
>

/** Options each type reads: flannel `pkg/backend/<type>`, `RegisterNetwork`. Others are dropped silently. */
const OPTIONS: Readonly<Record<Exclude<Backend, 'unknown'>, readonly string[]>> = {
  vxlan: ['VNI', 'Port', 'GBP', 'Learning', 'DirectRouting', 'MTU', 'MacPrefix', 'Name'],
  'host-gw': [],
  udp: ['Port'],
  ipip: ['DirectRouting'],
  wireguard: ['ListenPort', 'ListenPortV6', 'MTU', 'PSK', 'PersistentKeepaliveInterval', 'Mode'],
  ipsec: ['PSK', 'UDPEncap', 'ESPProposal'],
  alloc: [],
  extension: ['PreStartupCommand', 'PostStartupCommand', 'SubnetAddCommand', 'SubnetRemoveCommand'],
}

/** flannel `pkg/backend/vxlan/vxlan.go`, `defaultVNI`. */
const DEFAULT_VNI = 1
/** A VNI has 24 bits (RFC 7348). */
const LARGEST_VNI = 0xffffff

const NO_BACKEND: BackendOptions = {
  backend: 'udp',
  backendType: 'udp',
  vni: DEFAULT_VNI,
  port: UDP_PORT,
  directRouting: false,
  gbp: false,
  learning: false,
}

function knownBackend(type: string): Backend {
  const name = type.toLowerCase()
  return Object.hasOwn(OPTIONS, name) ? (name as Backend) : 'unknown'
}

function defaultPort(backend: Backend): number {
  if (backend === 'vxlan') return VXLAN_PORT
  return backend === 'udp' ? UDP_PORT : 0
}

/** A vxlan port of 0 means the kernel's own default, as an absent one does. */
function parsePort(object: GoObject, backend: Backend): number {
  const port = numberField(object, 'Port', 65535)
  return port === undefined || (backend === 'vxlan' && port === 0) ? defaultPort(backend) : port
}

function parseOptions(object: GoObject, backend: Backend, backendType: string): BackendOptions {
  const mtu = numberField(object, 'MTU', 65535)
  return {
    backend,
    backendType,
    vni: numberField(object, 'VNI', LARGEST_VNI) ?? DEFAULT_VNI,
    port: parsePort(object, backend),
    directRouting: flagField(object, 'DirectRouting') ?? false,
    gbp: flagField(object, 'GBP') ?? false,
    learning: flagField(object, 'Learning') ?? false,
    ...(mtu === undefined || mtu === 0 ? {} : { mtu }),
  }
}

/**
 * The value of `Backend` (`given` tells an absent one from null) to options with defaults, and the keys that
 * flannel ignores. An absent Backend is udp in every version (`parseBackendType`). Throws FieldError.
 */
export function parseBackend(
  value: unknown,
  given: boolean,
): { readonly options: BackendOptions; readonly unknown: readonly string[] } {
  if (!given) return { options: NO_BACKEND, unknown: [] }
  const written = textField(goObject(value, ['Type'], 'Backend'), 'Type') ?? ''
  const backendType = printable(written, 40)
  const backend = knownBackend(written)
  if (backend === 'unknown') return { options: { ...NO_BACKEND, backend, backendType, port: 0 }, unknown: [] }
  const object = goObject(value, ['Type', ...OPTIONS[backend]], 'Backend')
  try {
    return {
      options: parseOptions(object, backend, backendType),
      unknown: object.unknown.map((key) => `Backend.${key}`),
    }
  } catch (error) {
    throw error instanceof FieldError ? new FieldError(`Backend.${error.message}`) : error
  }
}
