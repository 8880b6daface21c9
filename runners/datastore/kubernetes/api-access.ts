/** Where the API is and what opens it: out of a kubeconfig, or the service account of the pod that this process runs in. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { FileProblem, readRegularFile } from '../../files/read-regular-file.ts'
import type { TlsFiles } from '../http/access.ts'
import { withoutAccount } from '../http/endpoint-url.ts'
import { execCredential } from './exec-credential.ts'
import { type Cluster, type Entry, kubeContext, type User } from './kubeconfig.ts'
import { ACCOUNT, KUBERNETES_TIMEOUT_MS, KubeAccessError, type KubernetesRequest } from './request.ts'

const MOST_SECRET_BYTES = 4 * 1024 * 1024

/** The API server and what every request to it carries. */
export interface ApiAccess {
  readonly server: URL
  readonly tls: TlsFiles
  readonly headers: Readonly<Record<string, string>>
  /** Where the context says it. */
  readonly namespace?: string
  /** When the client's certificate ends or ended, ISO 8601. */
  readonly expires?: string
}

function read(path: string): Buffer {
  try {
    return readRegularFile(path, { mostBytes: MOST_SECRET_BYTES })
  } catch (error) {
    const why = error instanceof FileProblem && error.code === 'ENOENT' ? 'missing' : 'not-permitted'
    throw new KubeAccessError(
      why,
      `${printable(path)}, which the kubeconfig names: ${(error as Error).message}`,
    )
  }
}

/** What stands in the file in base64, else what it names. */
function content<T>({ value, folder }: Entry<T>, name: keyof T & string): Buffer | undefined {
  const fields = value as Readonly<Record<string, unknown>>
  const [data, path] = [fields[`${name}-data`], fields[name]]
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64')
  return typeof path === 'string' && path !== '' ? read(resolve(folder, path)) : undefined
}

function serverOf({ server, 'proxy-url': proxy }: Cluster): URL {
  if (proxy) {
    throw new KubeAccessError(
      'unreachable',
      'the kubeconfig names a proxy (proxy-url), which is not supported',
    )
  }
  const text = server.includes('://') ? server : `https://${server}`
  if (!URL.canParse(text)) {
    const told = printable(withoutAccount(server), 80)
    throw new KubeAccessError('unparsable', `the kubeconfig's server "${told}" is not a URL`)
  }
  const url = new URL(text)
  if (!/^https?:$/.test(url.protocol) || url.username + url.password !== '') {
    throw new KubeAccessError('unparsable', "the kubeconfig's server is no https:// URL without an account")
  }
  return url
}

function tlsOf(cluster: Entry<Cluster>, user: Entry<User>): TlsFiles {
  const { value } = cluster
  return present({
    ca: content(cluster, 'certificate-authority'),
    cert: content(user, 'client-certificate'),
    key: content(user, 'client-key'),
    servername: value['tls-server-name'],
    rejectUnauthorized: value['insecure-skip-tls-verify'] === true ? false : undefined,
  })
}

function bearer(token: string | undefined): Readonly<Record<string, string>> {
  const trimmed = token?.trim() ?? ''
  if (trimmed === '') return {}
  // A header takes neither; the error of node's own would print it.
  if (/[^\u0021-\u007e]/.test(trimmed)) {
    throw new KubeAccessError(
      'unparsable',
      'the token is no token: it has blanks or strange characters inside',
    )
  }
  return { authorization: `Bearer ${trimmed}` }
}

function whoAsks({ value, folder }: Entry<User>): Readonly<Record<string, string>> {
  const { token, tokenFile, username, password, as, 'as-groups': groups } = value
  if (groups !== undefined) {
    throw new KubeAccessError('unparsable', 'the kubeconfig asks as other groups, which is not supported')
  }
  const basic =
    username === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
  const told = tokenFile ? read(resolve(folder, tokenFile)).toString('utf8') : token
  return { ...basic, ...bearer(told), ...(as && { 'impersonate-user': printable(as, 200) }) }
}

/** A plugin's cluster as it is told to it. */
function clusterInfo({ server, tls }: Pick<ApiAccess, 'server' | 'tls'>): unknown {
  return present({
    server: server.href,
    'certificate-authority-data': tls.ca?.toString('base64'),
    'tls-server-name': tls.servername,
    'insecure-skip-tls-verify': tls.rejectUnauthorized === false ? true : undefined,
  })
}

async function withPlugin(
  access: ApiAccess,
  user: Entry<User>,
  request: KubernetesRequest & { readonly signal: AbortSignal },
): Promise<ApiAccess> {
  const { exec, 'auth-provider': provider } = user.value
  if (provider !== undefined) {
    const message = `the kubeconfig's auth-provider ${printable(provider.name, 40)} is not supported: use its exec plugin`
    throw new KubeAccessError('not-permitted', message)
  }
  if (exec === undefined) return access
  if (request.isTold) {
    const message =
      "flanneld's kubeconfig names an exec plugin, which is not run unless --kubeconfig names the file"
    throw new KubeAccessError('not-permitted', message)
  }
  const { timeoutMs = KUBERNETES_TIMEOUT_MS, signal } = request
  const given = await execCredential({ ...user, value: exec }, clusterInfo(access), { timeoutMs, signal })
  const { token, clientCertificateData: cert, clientKeyData: key } = given
  const pem = cert && key ? { cert: Buffer.from(cert), key: Buffer.from(key) } : {}
  return { ...access, tls: { ...access.tls, ...pem }, headers: { ...access.headers, ...bearer(token) } }
}

/** What OpenSSL reads of a file, or a sentence about it. */
function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new KubeAccessError('unparsable', `the kubeconfig's ${what}`)
  }
}

/** OpenSSL would take such a file for an authority that signs nothing. */
function refuseNoAuthority({ ca }: ApiAccess['tls']): void {
  if (ca !== undefined) parsed('certificate-authority has no certificate', () => new X509Certificate(ca))
}

/** When the client certificate ends. OpenSSL's own words about a key that is not its would come late and tell little. */
function expiryOf({ cert, key }: ApiAccess['tls']): string | undefined {
  if (cert === undefined) return undefined
  const certificate = parsed('client certificate is none', () => new X509Certificate(cert))
  if (key !== undefined) {
    const own = parsed('client key is none, or has a passphrase', () => createPrivateKey(key))
    if (!certificate.checkPrivateKey(own))
      throw new KubeAccessError(
        'unparsable',
        "the kubeconfig's client key is not that of its client certificate",
      )
  }
  return certificate.validToDate.toISOString()
}

/** The pod's own account (client-go `rest/config.go`, `InClusterConfig`). */
function inCluster(): ApiAccess {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = process.env
  const name = host.includes(':') ? `[${host}]` : host
  if (host === '' || !URL.canParse(`https://${name}:${port}`)) {
    throw new KubeAccessError('missing', 'no kubeconfig is known and this is no pod: give --kubeconfig FILE')
  }
  return {
    server: new URL(`https://${name}:${port}`),
    tls: { ca: read(`${ACCOUNT}/ca.crt`) },
    headers: bearer(read(`${ACCOUNT}/token`).toString('utf8')),
    namespace: read(`${ACCOUNT}/namespace`).toString('utf8').trim(),
  }
}

/** How the API is reached. Throws KubeAccessError. */
export async function apiAccess(
  request: KubernetesRequest & { readonly signal: AbortSignal },
): Promise<ApiAccess> {
  if (request.kubeconfig.length === 0) return inCluster()
  const { cluster, user, namespace } = await kubeContext(request.kubeconfig, request.context)
  const tls = tlsOf(cluster, user)
  refuseNoAuthority(tls)
  const plain = { server: serverOf(cluster.value), tls, headers: whoAsks(user) }
  const access = await withPlugin(present({ ...plain, namespace }), user, request)
  return { ...access, ...present({ expires: expiryOf(access.tls) }) }
}
