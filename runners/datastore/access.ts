/** What every request to an endpoint needs: certificates, account and the time left. */
import { readFile } from 'node:fs/promises'
import { printable } from '../../reports/printable.ts'
import type { EtcdRequest } from './request.ts'

/** PEM contents. */
export interface TlsFiles {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

export interface Access {
  readonly tls: TlsFiles
  readonly user?: string
  readonly password?: string
  /** When the endpoint must have answered everything, in `performance.now()` milliseconds. */
  readonly deadline: number
  /** The whole allowance, for messages. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'not permitted to read it',
  EISDIR: 'is a directory',
}

/** A PEM file that cannot be read; one line naming it. */
export class PemFileError extends Error {}

async function readPem(path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    throw new PemFileError(`cannot read ${printable(path)}: ${WORDS[code] ?? code}`)
  }
}

/** Reads the PEM files of a request. Throws PemFileError. */
export async function readTlsFiles({ ca, cert, key }: EtcdRequest): Promise<TlsFiles> {
  const [caPem, certPem, keyPem] = await Promise.all([readPem(ca), readPem(cert), readPem(key)])
  return {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
  }
}

/** Milliseconds left until the deadline, at least 1. */
export function timeLeft({ deadline }: Access): number {
  return Math.max(1, Math.ceil(deadline - performance.now()))
}
