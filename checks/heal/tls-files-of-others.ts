/** TLS files of etcd for a flanneld whose own are no use: those that every other host of the network is told. */

import { decisiveCertificate, validityOf } from '../datastore/certificate-validity.ts'
import type { FlanneldOptions } from '../expected/flanneld-options.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { TlsFile } from '../model/tls-file.ts'
import type { Deletion } from './orphan-lease.ts'
import { toldToOthers } from './told-to-others.ts'

interface Paths {
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

/** The three files; undefined unless all are given. */
function pathsOf({ etcdCaFile, etcdCertFile, etcdKeyFile }: FlanneldOptions): Paths | undefined {
  if (etcdCaFile === undefined || etcdCertFile === undefined || etcdKeyFile === undefined) return undefined
  return { authority: etcdCaFile, certificate: etcdCertFile, key: etcdKeyFile }
}

/** True where the host was seen to have all of its files, and no certificate of them is out of its time. */
function areGood(snapshot: ClusterSnapshot, host: HostName, now: number): boolean {
  const facts = snapshot.hosts.get(host)?.facts
  const files = (facts && knownValue(facts.tlsFiles)?.files) ?? []
  return files.length > 0 && files.every((file) => isGood(file, now))
}

function isGood(file: TlsFile, now: number): boolean {
  if (file.state !== 'present' || file.option === 'etcd-keyfile') return file.state === 'present'
  const certificate = decisiveCertificate(file)
  return certificate !== undefined && validityOf(certificate, now) === undefined
}

/**
 * A restart with the files of the others, which is tried only where these are on the host; nothing where the others differ
 * or are told no good ones, or where this host is told the same. `now` is in milliseconds since 1970.
 */
export function tlsFilesOfOthers(snapshot: ClusterSnapshot, host: HostName, now: number): Partial<Deletion> {
  const told = toldToOthers(snapshot, host, pathsOf)
  const others = [...snapshot.hosts.keys()].filter((name) => name !== host)
  if (told === undefined || !others.every((name) => areGood(snapshot, name, now))) return {}
  const options = ['-etcd-cafile={authority}', '-etcd-certfile={certificate}', '-etcd-keyfile={key}']
  const files = ['{authority}', '{certificate}', '{key}']
  return { heal: [{ on: 'host', restart: 'flanneld', options, files }], data: { ...told.others } }
}
