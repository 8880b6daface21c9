/** One certificate of a PEM file. */
export interface Certificate {
  /** Distinguished names, one line. */
  readonly subject: string
  readonly issuer: string
  /** First and last moment of its validity, milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

export type TlsOption = 'etcd-cafile' | 'etcd-certfile' | 'etcd-keyfile'

/** A file that a flag or a variable of flanneld names for etcd's TLS. */
export interface TlsFile {
  readonly pid: number
  readonly option: TlsOption
  /** As flanneld was told. */
  readonly path: string
  /** `unreadable`: whether it exists for flanneld is not known. */
  readonly state: 'present' | 'missing' | 'unreadable'
  /** Of the key file none: it is never read. */
  readonly certificates: readonly Certificate[]
}

/** The TLS files of the flanneld processes in the host's network namespace. */
export interface TlsFiles {
  readonly files: readonly TlsFile[]
}
