/** etcd endpoints as flannel and etcdctl accept them, to one form. */

/** What a user may write for an endpoint: scheme and port may be left out. */
const ENDPOINT_FORM = /^(https?:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(:\d{1,5})?\/?$/

/** What makes a URL useless as an endpoint. */
const FAULTS: readonly (readonly [(url: URL) => boolean, string])[] = [
  [
    ({ protocol }) => protocol !== 'http:' && protocol !== 'https:',
    'only http:// and https:// are supported',
  ],
  [({ hostname }) => hostname === '', 'not a URL'],
  [
    ({ username, password }) => username + password !== '',
    'a user in the URL is not supported; use --etcd-user',
  ],
  [({ pathname, search }) => pathname.length > 1 || search !== '', 'a path after the port is not supported'],
]

/** The port of etcd's clients (etcd `embed/config.go`, DefaultListenClientURLs). */
const CLIENT_PORT = 2379

/** A host by itself means that port; a URL without one the port of its scheme, as everywhere. */
function withPort(host: string): string {
  const [, name, port = `:${CLIENT_PORT}`] = ENDPOINT_FORM.exec(host)?.slice(1) ?? []
  return name === undefined ? host : `${name}${port}`
}

/** An endpoint's URL without path; a bare `host[:port]` is http, or https where certificates are given. */
export function parseEndpoint(text: string, secure: boolean): URL | { readonly problem: string } {
  const withScheme = text.includes('://') ? text : `${secure ? 'https' : 'http'}://${withPort(text)}`
  if (!URL.canParse(withScheme)) return { problem: 'not a URL' }
  const url = new URL(withScheme)
  const fault = FAULTS.find(([applies]) => applies(url))
  return fault === undefined ? url : { problem: fault[1] }
}

/** True for what a user may write for an endpoint. */
export function isEndpoint(text: string): boolean {
  return ENDPOINT_FORM.test(text) && !('problem' in parseEndpoint(text, false))
}

/** An endpoint as written, without an account in it. */
export function withoutAccount(text: string): string {
  return text.replace(/\/\/.*@/s, '//')
}

/** `http://10.0.0.1:2379`, without the slash at the end that the etcd client cannot parse. */
export function endpointText(url: URL): string {
  return `${url.protocol}//${hostAndPort(url)}`
}

/** `10.0.0.1:2379`; the port is written out, because gRPC knows no default. */
function hostAndPort(url: URL): string {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return `${url.hostname}:${port}`
}
