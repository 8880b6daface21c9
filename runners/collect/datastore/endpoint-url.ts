/** etcd endpoints as flannel and etcdctl accept them, to one form. */

/** What a user may write for an endpoint: scheme and port may be left out. */
export const ENDPOINT_FORM = /^(https?:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(:\d{1,5})?\/?$/

/** An endpoint's URL without path; a bare `host:port` is http, or https where certificates are given. */
export function parseEndpoint(text: string, secure: boolean): URL | { readonly problem: string } {
  const withScheme = text.includes('://') ? text : `${secure ? 'https' : 'http'}://${text}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  if (url === undefined || url.hostname === '') return { problem: 'not a URL' }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { problem: 'only http:// and https:// are supported' }
  if (url.username !== '' || url.password !== '') {
    return { problem: 'a user in the URL is not supported; use --etcd-user' }
  }
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '') {
    return { problem: 'a path after the port is not supported' }
  }
  return url
}

/** `http://10.0.0.1:2379`, without the slash at the end that the etcd client cannot parse. */
export function endpointText(url: URL): string {
  return `${url.protocol}//${hostAndPort(url)}`
}

/** `10.0.0.1:2379`; the port is written out, because gRPC knows no default. */
export function hostAndPort(url: URL): string {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return `${url.hostname}:${port}`
}
