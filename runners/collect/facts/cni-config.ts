/** A CNI configuration, and what a plugin gave its delegate, out of their JSON. */
import type { CniConfigFile, CniPlugin } from '../../../checks/model/cni.ts'
import { present } from '../../../checks/model/present.ts'
import { type Row, rowField, rowsField, textField } from '../section/rows.ts'

function flag(row: Row, name: string): boolean | undefined {
  const value = row[name]
  return typeof value === 'boolean' ? value : undefined
}

/** host-local takes one subnet, or lists of ranges. */
function subnetsOf(ipam: Row): readonly string[] {
  const ranges = Array.isArray(ipam.ranges) ? ipam.ranges : []
  const listed = ranges.flatMap((set) => rowsField({ set }, 'set').map((row) => textField(row, 'subnet')))
  return [textField(ipam, 'subnet'), ...listed].filter((subnet) => subnet !== undefined)
}

function plugin(row: Row, type = textField(row, 'type') ?? ''): CniPlugin {
  const ipam = rowField(row, 'ipam')
  const subnets = subnetsOf(ipam)
  const delegate = rowField(row, 'delegate')
  const { mtu } = row
  return present({
    type,
    bridge: textField(row, 'bridge'),
    hairpinMode: flag(row, 'hairpinMode'),
    isDefaultGateway: flag(row, 'isDefaultGateway'),
    isGateway: flag(row, 'isGateway'),
    ipMasq: flag(row, 'ipMasq'),
    forceAddress: flag(row, 'forceAddress'),
    mtu: typeof mtu === 'number' ? mtu : undefined,
    ipam: textField(ipam, 'type'),
    subnets: subnets.length === 0 ? undefined : subnets,
    delegate: type === 'flannel' ? plugin(delegate, textField(delegate, 'type') ?? 'bridge') : undefined,
    subnetFile: type === 'flannel' ? textField(row, 'subnetFile') : undefined,
  })
}

/** libcni reads a list, or one plugin as a list of one. */
export function configFile(name: string, json: string): CniConfigFile {
  try {
    const value: unknown = JSON.parse(json)
    const [row] = rowsField({ list: [value] }, 'list')
    if (row === undefined) return { name, plugins: [], problem: 'it holds no JSON object' }
    const rows = 'plugins' in row ? rowsField(row, 'plugins') : [row]
    const plugins = rows.map((one) => plugin(one))
    const isOne = plugins.length > 0 && plugins.every(({ type }) => type !== '')
    return present({
      name,
      network: textField(row, 'name'),
      version: textField(row, 'cniVersion'),
      plugins,
      problem: isOne ? undefined : 'it names no plugin',
    })
  } catch {
    return { name, plugins: [], problem: 'it is no JSON' }
  }
}
