/** A lab that works: what others need to use it. Kept as JSON in the lab's directory. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { textIfThere } from '../../files/text-if-there.ts'
import { usage } from '../lab-error.ts'
import { labDirectory, listLedgers } from '../ledger/ledger.ts'
import type { EngineContainer } from '../place.ts'
import type { LabEtcdApi } from '../plan/plan.ts'
import type { LabBackend } from '../plan/plan-config.ts'

export interface LabContainer {
  readonly name: string
  readonly namespace: string
  /** In a docker lab: the container of its host. */
  readonly engine?: EngineContainer
  readonly address: string
}

export interface LabHost {
  readonly name: string
  /** Empty in a docker lab. */
  readonly namespace: string
  /** In a docker lab: the container that it is. */
  readonly engine?: EngineContainer
  /** In a Kubernetes lab: the process whose mounts it has. */
  readonly mounts?: number
  /** Address in the underlay. */
  readonly address: string
  /** Its slice of the network, `10.5.34.0/24`. */
  readonly subnet: string
  /** On this machine. */
  readonly subnetFile: string
  /** On this machine, whatever the host calls it. */
  readonly flanneldPid: number
  readonly flanneldLog: string
  readonly dockerSocket?: string
  readonly containers: readonly LabContainer[]
}

export interface LabState {
  readonly name: string
  readonly token: string
  readonly directory: string
  /** Path of the inventory file. */
  readonly inventory: string
  readonly backend: LabBackend
  readonly config: string
  readonly etcdApi: LabEtcdApi
  /** Set where nodes of the Kubernetes API are the leases. */
  readonly kubernetes?: {
    readonly version: string
    readonly kubeconfig: string
    /** It has kubelets: flanneld and the containers are pods. */
    readonly cluster?: true
  }
  readonly endpoint: string
  readonly prefix: string
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
  readonly docker: 'bridge' | 'real'
  readonly flanneld: { readonly path: string; readonly version: string }
  readonly switchNamespace: string
  /** In a docker lab: the container of etcd. */
  readonly engine?: EngineContainer
  readonly hosts: readonly LabHost[]
  /** Milliseconds from the first step to ready; finding or building flanneld not counted. */
  readonly readyMs: number
}

/** Where its leases are, in a word. */
export const datastoreName = ({ kubernetes, etcdApi }: Pick<LabState, 'kubernetes' | 'etcdApi'>): string =>
  kubernetes === undefined
    ? `etcd ${etcdApi}`
    : `Kubernetes ${kubernetes.version}${kubernetes.cluster ? ' with kubelets' : ''}`

const stateFile = (directory: string): string => join(directory, 'state.json')

export function writeState(state: LabState): void {
  const path = stateFile(state.directory)
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(`${path}.new`, path)
}

function readState(directory: string): LabState | undefined {
  const text = textIfThere(stateFile(directory))
  return text === undefined ? undefined : (JSON.parse(text) as LabState)
}

/** The labs of this machine that are ready, by name. */
export function readyLabs(): readonly LabState[] {
  return listLedgers()
    .filter((ledger) => ledger.ready)
    .map((ledger) => readState(ledger.directory))
    .filter((state) => state !== undefined)
}

/** Why there is none, and what there is in its place; `names` are those that are up. */
export function noLab(name: string | undefined, names: string): string {
  if (names === '')
    return `no lab ${name === undefined ? '' : `named ${name} `}is up (start one with: lab up)`
  return `no lab named ${name} is up; there are: ${names}`
}

/** The lab of that name, or without a name the only one. Throws LabError when there is none or more than one. */
export function findLab(name?: string): LabState {
  if (name !== undefined) labDirectory(name) // refuses what is no name
  const labs = readyLabs()
  const names = labs.map((each) => each.name).join(', ')
  const [lab, ...others] = name === undefined ? labs : labs.filter((each) => each.name === name)
  if (lab === undefined) return usage(noLab(name, names))
  if (others.length > 0) return usage(`several labs are up, name one: ${names}`)
  return lab
}
