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

/** Keys that the bridge plugin reads as true or false (`plugins/main/bridge/bridge.go`, `NetConf`). */
const FLAGS = ['hairpinMode', 'isDefaultGateway', 'isGateway', 'ipMasq', 'forceAddress', 'promiscMode']

/** A type that a plugin reads, in words and as it is told. */
interface Readable {
  readonly type: string
  readonly has: (value: unknown) => boolean
}

const FLAG: Readable = { type: 'true or false', has: (value) => typeof value === 'boolean' }
const WHOLE: Readable = { type: 'a whole number', has: Number.isInteger }
const TEXT: Readable = { type: 'a text', has: (value) => typeof value === 'string' }
const OBJECT: Readable = {
  type: 'an object',
  has: (value) => typeof value === 'object' && !Array.isArray(value),
}

/** A key with a value that its plugin cannot read; Go reads null as nothing said. */
function misread(row: Row, key: string, { type, has }: Readable): readonly string[] {
  const value = row[key] ?? undefined
  return value === undefined || has(value) ? [] : [`${key} is not ${type}`]
}

/** What flannel's plugin refuses in its delegate (`flannel.go`, `cmdAdd`), and what a bridge plugin as its delegate does. */
function refusedByFlannel(row: Row): readonly string[] {
  const delegate = rowField(row, 'delegate')
  const own = ['name', 'ipam'].flatMap((key) => (key in delegate ? `its delegate has ${key}` : []))
  const isBridge = (textField(delegate, 'type') ?? 'bridge') === 'bridge'
  return [
    ...misread(row, 'delegate', OBJECT),
    ...own,
    ...misread(delegate, 'type', TEXT),
    ...(isBridge ? FLAGS.flatMap((key) => misread(delegate, key, FLAG)) : []),
    ...(isBridge ? misread(delegate, 'mtu', WHOLE) : []),
  ]
}

function refusedBy(row: Row, type: string): readonly string[] | undefined {
  const refused = type === 'flannel' ? refusedByFlannel(row) : []
  return refused.length === 0 ? undefined : refused
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
    refused: refusedBy(row, type),
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
