/**
 * A saved state for strangers: addresses, MACs and names are replaced, each by the same other one wherever it stands, so
 * that every check finds the same faults at the same places. The key is random and forgotten.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { certificatesOf } from '../../facts/tls-files.ts'
import type { Section } from '../../section/section.ts'
import type { SavedHost, SavedState } from '../saved-state.ts'
import { addressRedactor } from './redacted-addresses.ts'
import { nameRedactor, nameReplacements } from './redacted-names.ts'

/** Replaces what is told nobody in one text. */
export type Redactor = (text: string) => string

/** A certificate is signed and names its owner: what is judged of it stands there instead. */
function withoutCertificates(section: Section): Section {
  if (section.name !== 'tlsFiles') return section
  const stdout = section.stdout.replaceAll(
    /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g,
    (pem) =>
      certificatesOf(pem)
        .map((certificate) => `certificate=${JSON.stringify(certificate)}`)
        .join('\n'),
  )
  return { ...section, stdout }
}

/** `/proc/net/udp` has addresses as numbers in the machine's byte order. */
function socketAddresses(redacted: Redactor): Redactor {
  return (text) =>
    text.replaceAll(/(?<= )([\dA-F]{8})(?=:[\dA-F]{4} )/g, (hex) => {
      const octets = (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16))
      const after = redacted(octets.join('.')).split('.').map(Number).reverse()
      return after.map((octet) => octet.toString(16).padStart(2, '0').toUpperCase()).join('')
    })
}

/** Of iptables, where a single word has no quotes, and of nft in text and JSON. */
const COMMENT =
  /(?<=--comment )(?:"(?:[^"\\]|\\.)*"|[^\s"]\S*)|(?<=\bcomment |"comment": ?)"(?:[^"\\]|\\.)*"/g
/** What flannel and Kubernetes themselves write. */
const GIVEN_COMMENT = /^"?(?:flannel|kube|block incoming localnet|!fw3)/

/** Comments of packet filters are free text. */
function comments(key: Uint8Array): Redactor {
  return (text) =>
    text.replaceAll(COMMENT, (comment) => {
      if (GIVEN_COMMENT.test(comment)) return comment
      const hash = createHmac('sha256', key).update(comment.replaceAll('"', '')).digest('hex')
      return `"comment-${hash.slice(0, 6)}"`
    })
}

const FILTERS = new Set(['nftables', 'iptables', 'iptablesLegacy', 'ip6tables', 'ip6tablesLegacy'])

function redactSection(section: Section, { text, key }: Redaction): Section {
  const { name } = section
  const free = FILTERS.has(name) ? comments(key) : (stdout: string) => stdout
  const sockets = name === 'sockets' ? socketAddresses(text) : (stdout: string) => stdout
  return {
    ...section,
    command: text(section.command),
    stderr: text(section.stderr),
    stdout: text(sockets(free(section.stdout))),
  }
}

/** Every text in a value. */
function deep(value: unknown, text: Redactor): unknown {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((one) => deep(one, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [text(name), deep(one, text)]))
}

function redactHost({ sections, ...host }: SavedHost, redaction: Redaction): SavedHost {
  return {
    ...(deep(host, redaction.text) as Omit<SavedHost, 'sections'>),
    sections: sections.map((section) => redactSection(section, redaction)),
  }
}

interface Redaction {
  readonly text: Redactor
  readonly key: Uint8Array
}

export interface Redacted {
  readonly state: SavedState
  readonly text: Redactor
}

/** The state without what strangers should not read, and what replaces it in other texts of the same run. */
export function redactState(whole: SavedState, key: Uint8Array = randomBytes(32)): Redacted {
  const { captures: _, ...rest } = whole
  const before = {
    ...rest,
    hosts: rest.hosts.map((host) => ({ ...host, sections: host.sections.map(withoutCertificates) })),
  }
  const texts = [
    JSON.stringify([before.meta, before.datastore, before.observations]),
    ...before.hosts.flatMap(({ sections }) => sections.flatMap(({ stdout, stderr }) => [stdout, stderr])),
  ]
  const addresses = addressRedactor(key, texts)
  const names = nameRedactor(nameReplacements(before, texts))
  const text: Redactor = (one) => addresses(names(one))
  const hosts = before.hosts.map((host) => redactHost(host, { text, key }))
  const { files: _files, ...meta } = before.meta
  const state = {
    ...before,
    meta: {
      ...meta,
      // Of this key nothing can be told but that it is the same.
      redacted: createHmac('sha256', key).update('redacted').digest('hex').slice(0, 16),
      hosts: hosts.map(({ sections: _sections, ...host }) => host),
      ...(meta.note !== undefined && { note: text(meta.note) }),
    },
    hosts,
    datastore: deep(before.datastore, text),
    ...(before.observations !== undefined && { observations: deep(before.observations, text) }),
  }
  return { state, text }
}
