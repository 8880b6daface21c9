/** The contract of a clause: one numbered normative statement about what flannel does. */
import type { Backend } from '../model/network-config.ts'

/** Words of RFC 2119. A SHOULD counts only with `--strict`; a MAY never breaks a claim. */
export type ClauseLevel = 'MUST' | 'SHOULD' | 'MAY'

/** Conformance levels: named sets of clauses (profiles.ts says what each asks for). */
export const PROFILES = [
  'core',
  'vxlan',
  'host-gw',
  'udp',
  'docker-bridge',
  'cni-bridge',
  'kubernetes',
  'ip-masq',
  'nftables',
  'dual-stack',
  'lease-lifecycle',
  'resilience',
] as const
export type Profile = (typeof PROFILES)[number]

/** `FL-VXLAN-03`: area and number. A number is never used again. */
export type ClauseId = `FL-${string}-${number}`

/** What was seen of a clause. `not-tested`: nothing that could test it ran; undecided is not met. */
export type ClauseStatus = 'met' | 'not-met' | 'undecided' | 'not-tested'

/** A statement that collected state decides: broken by any of these finding codes, met when their checks passed. */
export interface StaticProof {
  readonly kind: 'static'
  /** `layer/check:code`; every one of them belongs to a registered check. */
  readonly codes: readonly string[]
}

/** A statement that only an action decides; the scenario of that name in runners/conformance does it. */
export interface DynamicProof {
  readonly kind: 'dynamic'
  readonly scenario: string
}

/** Where leases are: records of etcd, or nodes of Kubernetes. */
export type LeaseStore = 'etcd' | 'kubernetes'

/** Where leases are, in words. */
export const LEASES_IN: Readonly<Record<LeaseStore, string>> = {
  etcd: 'etcd',
  kubernetes: 'nodes of Kubernetes',
}

export interface Clause {
  readonly id: ClauseId
  readonly level: ClauseLevel
  /** One sentence: "A lease has a time to live of 24 hours." */
  readonly says: string
  /** flannel file and symbol, or the version's laboratory where the source does not say. */
  readonly source: string
  /** First flannel version that keeps it, and the first that does not any more. */
  readonly since?: string
  readonly until?: string
  readonly backends?: readonly Backend[]
  /** Without it, wherever leases are. */
  readonly leases?: LeaseStore
  readonly profiles: readonly Profile[]
  readonly proof: StaticProof | DynamicProof
}

/** What a scenario saw of one clause. */
export interface ClauseObservation {
  readonly clause: ClauseId
  readonly status: Exclude<ClauseStatus, 'not-tested'>
  /** What was seen, in one sentence with its values; for `undecided` the reason. */
  readonly observed: string
}

/** Broken by a finding with any of these codes. */
export function seenBy(...codes: readonly string[]): StaticProof {
  return { kind: 'static', codes }
}

/** Shown by the scenario of that name in runners/conformance/scenarios. */
export function doneBy(scenario: string): DynamicProof {
  return { kind: 'dynamic', scenario }
}
