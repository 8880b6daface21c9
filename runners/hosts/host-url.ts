/**
 * Host URLs: how a host is reached. The grammar is strict, because its parts become words of
 * command lines: no name starts with a hyphen or holds a blank.
 */

import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import { InputError } from '../input-error.ts'

export type HostUrl =
  | { readonly kind: 'local' }
  | { readonly kind: 'ssh'; readonly user?: string; readonly address: string; readonly port?: number }
  | { readonly kind: 'docker'; readonly container: string; readonly socket?: string }
  | { readonly kind: 'netns'; readonly namespace: string; readonly mounts?: number }
  | { readonly kind: 'vagrant'; readonly machine: string }
  | { readonly kind: 'kubectl'; readonly place: KubectlPlace }

/** What `kubectl exec` enters: a node, by a pod on it, or a pod. */
export type KubectlPlace = { readonly node: string } | { readonly namespace: string; readonly pod: string }

/** The forms that a host is reached by, for messages and help. */
export const HOST_URL_FORMS =
  'local: · ssh://[user@]host[:port] · docker://CONTAINER[@SOCKET] · netns://NAME · vagrant://MACHINE · kubectl://NODE'

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/
/** Docker names and ids: moby `daemon/names`, `RestrictedNameChars`, bounded. */
const CONTAINER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/
/** Path of a Unix socket; the kernel allows 107 bytes (unix(7)). */
const SOCKET = /^(\/[A-Za-z0-9_.-]+){1,20}$/
/** RFC 1123 label and subdomain, as Kubernetes names namespaces and pods. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const POD = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/
const SSH =
  /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)@)?([A-Za-z0-9][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/

function refused(text: string, expected: string): InputError {
  return new InputError(`not a host URL: "${printable(text, 80)}": expected ${expected}`)
}

function parseSsh(rest: string, text: string): HostUrl {
  const [, user, address, digits] = SSH.exec(rest) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  if (address === undefined || (port !== undefined && (port < 1 || port > 65535))) {
    throw refused(text, 'ssh://[user@]host[:port], port 1 to 65535')
  }
  return {
    kind: 'ssh',
    ...present({ user }),
    address: address.replace(/^\[|\]$/g, ''),
    ...present({ port }),
  }
}

function parseKubectl(rest: string, text: string): HostUrl {
  if (POD.test(rest)) return { kind: 'kubectl', place: { node: rest } }
  const [namespace = '', pod = '', ...more] = rest.split('/')
  if (!LABEL.test(namespace) || !POD.test(pod) || more.length > 0) {
    throw refused(text, 'kubectl://NODE or kubectl://NAMESPACE/POD')
  }
  return { kind: 'kubectl', place: { namespace, pod } }
}

function named(name: string, pattern: RegExp, form: { text: string; expected: string }): string {
  if (!pattern.test(name)) throw refused(form.text, form.expected)
  return name
}

function parseDocker(rest: string, text: string): HostUrl {
  const expected = 'docker://CONTAINER (a name or id) or docker://CONTAINER@/PATH/OF/docker.sock'
  const [, before = rest, socket] = /^([^@]*)@(.*)$/s.exec(rest) ?? []
  const container = named(before, CONTAINER, { text, expected })
  if (socket === undefined) return { kind: 'docker', container }
  return { kind: 'docker', container, socket: named(socket, SOCKET, { text, expected }) }
}

function parseNetns(rest: string, text: string): HostUrl {
  const expected =
    "netns://NAME (see: ip netns list) or netns://NAME@PID, a process in it whose files are the host's"
  const [, name = rest, pid] = /^([^@]*)@([1-9]\d{0,6})$/.exec(rest) ?? []
  const namespace = named(name, NAME, { text, expected })
  return { kind: 'netns', namespace, ...(pid !== undefined && { mounts: Number(pid) }) }
}

const PARSERS: Readonly<Record<string, (rest: string, text: string) => HostUrl>> = {
  ssh: parseSsh,
  kubectl: parseKubectl,
  docker: parseDocker,
  netns: parseNetns,
  vagrant: (rest, text) => ({
    kind: 'vagrant',
    machine: named(rest, NAME, { text, expected: 'vagrant://MACHINE' }),
  }),
}

/** A host URL to its parts. Throws InputError naming what was expected. */
export function parseHostUrl(text: string): HostUrl {
  if (text === 'local:') return { kind: 'local' }
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? []
  const parse = Object.hasOwn(PARSERS, scheme) ? PARSERS[scheme] : undefined
  if (parse === undefined) {
    // A bare name or address is what people type for a host that they log in to.
    throw refused(text, SSH.test(text) ? `${HOST_URL_FORMS}; did you mean ssh://${text}?` : HOST_URL_FORMS)
  }
  return parse(rest, text)
}

/** The name a host has in the report where the inventory gives none; `machine` names this machine. */
export function hostNameOf(url: HostUrl, machine: string): string {
  switch (url.kind) {
    case 'local':
      return machine
    case 'ssh':
      return url.address
    case 'docker':
      return url.container
    case 'netns':
      return url.namespace
    case 'vagrant':
      return url.machine
    case 'kubectl':
      return 'node' in url.place ? url.place.node : `${url.place.namespace}/${url.place.pod}`
  }
}
