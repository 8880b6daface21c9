/** One of `-etcd-endpoints` taken apart: a URL, whose scheme and path say nothing of where etcd is. */

export interface EndpointPlace {
  /** In lower case; a name, or an address, that of IPv6 in brackets. */
  readonly name: string
  /** Absent where none is written: etcd's v3 client has no default and does not connect then. */
  readonly port?: number
}

const PARTS = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\[[^\]]*\]|[^/:]*)(?::(\d{1,5}))?/

/** Where an endpoint is, as far as it says so. */
export function endpointPlace(url: string): EndpointPlace {
  const [, name = '', port] = PARTS.exec(url.trim().toLowerCase()) ?? []
  return port === undefined ? { name } : { name, port: Number(port) }
}

/** The same as one text, to compare two of them. */
export function placeText(url: string): string {
  const { name, port } = endpointPlace(url)
  return port === undefined ? name : `${name}:${port}`
}

/** True for a host's own loopback: an etcd member or proxy of its own. */
export function isLoopbackName(name: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(name)
}
