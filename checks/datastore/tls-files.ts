// flanneld opens TLS to etcd with the files of -etcd-cafile, -etcd-certfile and -etcd-keyfile (flannel
// `pkg/subnet/etcd/registry.go`, `newTlsConfig`). The client reads certificate and key anew at each connection
// (etcd `client/pkg/transport`, `TLSInfo.ClientConfig`), so a connection that stands hides an expired file until
// etcd restarts; then leases are renewed no more and end within 24 h.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { placeText } from '../expected/etcd-endpoint.ts'
import { flanneldOptions } from '../expected/flanneld-options.ts'
import { isSince } from '../expected/generation.ts'
import { tlsFilesOfOthers } from '../heal/tls-files-of-others.ts'
import type { Flanneld, FlanneldProcess } from '../model/daemon.ts'
import type { EtcdEndpoint } from '../model/etcd-member.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { TlsFile, TlsFiles } from '../model/tls-file.ts'
import { decisiveCertificate, validityOf } from './certificate-validity.ts'

type Code =
  | 'expired'
  | 'not-yet-valid'
  | 'expires-soon'
  | 'missing'
  | 'no-certificate'
  | 'other-authority'
  | 'not-used'

function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

function* judge(file: TlsFile, now: number): Iterable<Draft<Code> | { readonly unsure: string }> {
  const { option, path, state } = file
  const object = named('file', path)
  const data = { option }
  if (state === 'unreadable') yield { unsure: `-${option} ${path} cannot be read` }
  if (state === 'missing') yield { code: 'missing', object, expected: 'a file', observed: 'none', data }
  if (state !== 'present' || option === 'etcd-keyfile') return
  const certificate = decisiveCertificate(file)
  if (certificate === undefined) {
    yield { code: 'no-certificate', object, expected: 'a certificate in PEM', observed: 'none', data }
    return
  }
  const code = validityOf(certificate, now)
  const { notBefore, notAfter, subject } = certificate
  const observed = code === 'not-yet-valid' ? date(notBefore) : date(notAfter)
  if (code !== undefined) yield { code, object, observed, data: { option, subject } }
}

/** Certificate and key are both given, or the client is that of etcd v2, which takes an authority alone. */
function usesFiles(daemon: FlanneldProcess): boolean {
  const { etcdCertFile, etcdKeyFile } = flanneldOptions(daemon)
  const isPair = etcdCertFile !== undefined && etcdKeyFile !== undefined
  return isPair || isSince(daemon.version, 'v0.18.0') === false
}

/** None of the endpoints that flanneld uses and that were read has a certificate of an authority in its file. */
function* otherAuthority(
  daemon: FlanneldProcess,
  files: readonly TlsFile[],
  endpoints: readonly EtcdEndpoint[],
): Iterable<Draft<Code>> {
  const file = files.find(({ option, pid }) => option === 'etcd-cafile' && pid === daemon.pid)
  const used = new Set(flanneldOptions(daemon).etcdEndpoints.map(placeText))
  const signed = endpoints.flatMap(({ url, signers }) =>
    used.has(placeText(url)) && signers ? [signers] : [],
  )
  if (file === undefined || file.certificates.length === 0 || signed.length === 0 || !usesFiles(daemon))
    return
  const known = new Set(file.certificates.map(({ subject }) => subject))
  if (signed.some((signers) => signers.some((signer) => known.has(signer)))) return
  const [expected, observed] = [signed[0]?.[0] ?? '', [...known].slice(0, SHOWN).join('; ')]
  yield {
    code: 'other-authority',
    object: named('file', file.path),
    expected,
    observed,
    data: { option: file.option },
  }
}

/** Since v0.18.0 files count only when certificate and key are both given; an older client takes an authority alone. */
function notUsed(daemon: FlanneldProcess): Draft<Code> | undefined {
  const { etcdCaFile, etcdCertFile, etcdKeyFile, etcdEndpoints } = flanneldOptions(daemon)
  const given = [etcdCaFile, etcdCertFile, etcdKeyFile].filter((file) => file !== undefined)
  if (given.length === 0 || daemon.version === undefined || usesFiles(daemon)) return undefined
  if (!etcdEndpoints.some((url) => url.startsWith('https:'))) return undefined
  const missing = etcdCertFile === undefined ? '-etcd-certfile' : '-etcd-keyfile'
  return {
    code: 'not-used',
    object: named('flanneld', daemon.pid),
    observed: given.join(' '),
    data: { missing },
  }
}

/** Names of authorities in one message. */
const SHOWN = 2

/** What follows on the host once its lease is gone. */
const explains = [
  { code: 'lease/own:missing', when: 'same-host' },
  { code: 'lease/time-to-live:*', when: 'same-host' },
  { code: 'lease/peer:*', when: 'same-host' },
  { code: 'lease/vtep-mac:*', when: 'same-host' },
  { code: 'daemon/process:*', when: 'same-host' },
  { code: 'daemon/log:etcd-*', when: 'same-host' },
  { code: 'daemon/log:certificate-unreadable', when: 'same-host' },
  { code: 'subnet-env/age:*', when: 'same-host' },
  { code: 'subnet-env/file:missing', when: 'same-host' },
  { code: 'link/flannel:missing', when: 'same-host' },
  { code: 'tunnel/socket:not-listening', when: 'same-host' },
  { code: 'route/network:missing', when: 'same-host' },
] as const

function* judgeAll(
  { flanneld: { processes }, tlsFiles: { files } }: { flanneld: Flanneld; tlsFiles: TlsFiles },
  { datastore: { etcd } }: ClusterSnapshot,
  now: number,
): Iterable<Draft<Code> | { readonly unsure: string }> {
  for (const file of files) {
    if (processes.some(({ pid }) => pid === file.pid)) yield* judge(file, now)
  }
  for (const daemon of processes) {
    if (etcd.known) yield* otherAuthority(daemon, files, etcd.value.endpoints)
    const draft = notUsed(daemon)
    if (draft !== undefined) yield draft
  }
}

export const check = defineHostCheck({
  id: 'datastore/tls-files',
  title: 'TLS files of flanneld',
  backends: 'any',
  needs: ['flanneld', 'tlsFiles'],
  needsExpected: false,
  findings: {
    expired: {
      severity: 'warning',
      confidence: 'certain',
      says: 'the certificate {subject} in {object} (-{option}) of {host} expired at {observed} UTC: flanneld can make no new connection to etcd, and its lease ends within 24 h',
      fix: 'Put a new certificate in its place, then `systemctl restart flanneld` on {host}; `openssl x509 -noout -dates -in FILE` shows the dates.',
      explains,
    },
    'not-yet-valid': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the certificate {subject} in {object} (-{option}) of {host} is valid only from {observed} UTC: etcd refuses it until then',
      fix: 'Compare the clocks of {host} and of the machine that signed the certificate (`timedatectl`), or make the certificate anew.',
      explains,
    },
    'expires-soon': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the certificate {subject} in {object} (-{option}) of {host} expires at {observed} UTC: flanneld then loses etcd, and leases end within 24 h',
      fix: 'Renew the certificate and restart flanneld on {host}.',
    },
    missing: {
      severity: 'warning',
      confidence: 'certain',
      says: '{object}, which flanneld on {host} takes for -{option}, does not exist: the next connection to etcd fails',
      fix: 'Put the file back, or correct -{option}, then restart flanneld on {host}.',
      explains,
    },
    'no-certificate': {
      severity: 'warning',
      confidence: 'certain',
      says: '{object}, which flanneld on {host} takes for -{option}, holds no certificate in PEM form: the next connection to etcd fails',
      fix: 'Put the right file in its place (`openssl x509 -noout -text -in FILE` must read it), then restart flanneld on {host}.',
      explains,
    },
    'other-authority': {
      severity: 'warning',
      confidence: 'likely',
      says: "{object} (-{option}) of flanneld on {host} has the authority {observed}, but etcd's certificate is signed by {expected}: the next connection to etcd fails",
      fix: 'Give flanneld on {host} the authority that signed the certificate of etcd, then restart it.',
      explains,
    },
    'not-used': {
      severity: 'info',
      confidence: 'certain',
      says: 'flanneld on {host} has {observed} but no {missing}: since v0.18.0 it uses none of its TLS files then',
      fix: 'Give -etcd-cafile, -etcd-certfile and -etcd-keyfile together.',
      explains,
    },
  },
  *evaluate({ host, facts, cluster: { now, snapshot } }) {
    for (const judged of judgeAll(facts, snapshot, now)) {
      const { data, ...heal } = 'unsure' in judged ? {} : tlsFilesOfOthers(snapshot, host, now)
      yield 'unsure' in judged ? judged : { ...judged, ...heal, data: { ...judged.data, ...data } }
    }
  },
})
