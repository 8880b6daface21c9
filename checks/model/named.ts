/** What a finding is about, in the field's words: `route 10.1.7.0/24`. */

/** Kinds of things that findings name. */
const OBJECT_KINDS = [
  'sysctl',
  'link',
  'external link',
  'address',
  'route',
  'neighbour',
  'FDB entry',
  'UDP port',
  'container',
  'flanneld',
  'option',
  'lease',
  'record',
  'subnet',
  'public IP',
  'VTEP MAC',
  'key',
  'network',
  'chain',
  'rule',
  'etcd endpoint',
  'node',
  'service',
  'file',
] as const
export type ObjectKind = (typeof OBJECT_KINDS)[number]

/** One thing of a kind, by the name the field gives it. */
export interface Named {
  readonly kind: ObjectKind
  readonly name: string
}

/** A thing of a kind. */
export function named(kind: ObjectKind, name: string | number): Named {
  return { kind, name: `${name}` }
}

/** True for a thing whose kind is known; a text is an object that needs no name. */
export function isNamed(object: Named | string | undefined): object is Named {
  return typeof object === 'object'
}

/** A thing in words; undefined where a finding names none. */
export function objectText(object: Named | string | undefined): string | undefined {
  return isNamed(object) ? `${object.kind} ${object.name}` : object
}
