/** What every request to an endpoint needs: certificates, account and the time left. */

import type { Agent } from 'node:http'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { readRegularFile } from '../../files/read-regular-file.ts'

/** PEM contents, and what of the server's certificate counts. */
export interface TlsFiles {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  /** The name in the certificate, where it is not that of the URL. */
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** Where a user says which certificates to use, for messages. */
export interface TlsHints {
  readonly ca: string
  readonly cert: string
}

/** A way into a network that this process is not in. */
export interface Through {
  readonly agent: Agent
  /** Called for what goes no further that way: there is no answer, or another protocol is needed. */
  readonly giveUp: () => void
}

export interface Access {
  readonly through?: Through
  readonly tls: TlsFiles
  readonly user?: string
  readonly password?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the flags for etcd. */
  readonly hints?: TlsHints
  /** When the endpoint must have answered everything, in `performance.now()` milliseconds. */
  readonly deadline: number
  /** The whole allowance, for messages. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A bundle of 140 authorities has about 220,000 bytes. */
const MOST_PEM_BYTES = 4 * 1024 * 1024

/** A PEM file that cannot be read; one line naming it. */
export class PemFileError extends Error {}

function readPem(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined
  try {
    return readRegularFile(path, { mostBytes: MOST_PEM_BYTES })
  } catch (error) {
    throw new PemFileError(`cannot read ${printable(path)}: ${(error as Error).message}`)
  }
}

/** Reads the PEM files of a request. Throws PemFileError. */
export async function readTlsFiles({
  ca,
  cert,
  key,
}: {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}): Promise<TlsFiles> {
  const [caPem, certPem, keyPem] = [readPem(ca), readPem(cert), readPem(key)]
  return present({ ca: caPem, cert: certPem, key: keyPem })
}

/** Milliseconds left until the deadline, at least 1. */
export function timeLeft({ deadline }: Access): number {
  return Math.max(1, Math.ceil(deadline - performance.now()))
}
