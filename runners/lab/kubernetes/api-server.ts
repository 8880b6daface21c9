/** The API server of a lab: beside etcd in the switch namespace, asked with curl there. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { shell } from '../../hosts/command/zx.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { endedDaemon, type LabDaemon, startLabDaemon } from '../daemons/daemon.ts'
import { LabError } from '../lab-error.ts'
import { placePrefix } from '../place.ts'
import { type LabPlan, SWITCH_ADDRESS } from '../plan/plan.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import { writeKubeconfig } from './kubeconfig.ts'

/** A lab that has one: planned or up. */
export interface WithApi {
  readonly directory: string
  readonly switchNamespace: string
}

const SERVER = `https://${SWITCH_ADDRESS}:6443`
/** On a machine that builds beside it an answer took 8 s. */
const ANSWER_SECONDS = 20

/** Keys, tokens and logs of what controls a cluster. */
export const folderOf = ({ directory }: Pick<WithApi, 'directory'>): string => `${directory}/kubernetes`
/** The API server makes this certificate for itself, as its own authority. */
export const certificateOf = (lab: WithApi): string => `${folderOf(lab)}/apiserver.crt`
/** Signs the tokens of service accounts. */
export const accountsKeyOf = (lab: WithApi): string => `${folderOf(lab)}/accounts.key`
const curlOptionsOf = (lab: WithApi): string => `${folderOf(lab)}/curl.conf`

/** The kubeconfig of whoever may do everything; the inventory names it. */
export const adminKubeconfig = (lab: WithApi): string => `${folderOf(lab)}/admin.kubeconfig`

/** Writes a kubeconfig of that user and gives its path. */
export function writeKubeconfigOf(lab: WithApi, user: string, token: string): string {
  const path = `${folderOf(lab)}/${user}.kubeconfig`
  writeKubeconfig(path, { server: SERVER, certificate: certificateOf(lab), user, token })
  return path
}

/** Keys for the tokens of service accounts, and the token of the administrator. */
function writeSecrets(lab: WithApi): void {
  const folder = folderOf(lab)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const keep = (name: string, text: string): void => writeFileSync(`${folder}/${name}`, text, { mode: 0o600 })
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  keep('accounts.pub', publicKey)
  keep('accounts.key', privateKey)
  const token = randomBytes(24).toString('hex')
  keep('tokens.csv', `${token},admin,admin,system:masters\n`)
  keep('curl.conf', `header = "Authorization: Bearer ${token}"\ncacert = "${certificateOf(lab)}"\n`)
  writeKubeconfigOf(lab, 'admin', token)
}

function words(plan: LabPlan): readonly string[] {
  const folder = folderOf(plan)
  return [
    kubernetesPrograms().apiServer,
    `--etcd-servers=${plan.endpoint}`,
    `--cert-dir=${folder}`,
    '--secure-port=6443',
    '--bind-address=0.0.0.0',
    `--advertise-address=${SWITCH_ADDRESS}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${folder}/accounts.pub`,
    `--service-account-signing-key-file=${accountsKeyOf(plan)}`,
    '--authorization-mode=Node,RBAC',
    `--token-auth-file=${folder}/tokens.csv`,
    '--allow-privileged',
    // Without a controller manager no namespace has an account: pods are let in without one.
    ...(plan.cluster ? [] : ['--disable-admission-plugins=ServiceAccount']),
    '--service-cluster-ip-range=10.96.0.0/16',
    '--kubelet-preferred-address-types=InternalIP',
  ]
}

/** As the ledger names it. */
export const API_SERVER = 'kube-apiserver'
/** Where it runs and writes. */
export const apiServerFiles = (lab: WithApi): Pick<LabDaemon, 'directory' | 'logFile'> => ({
  directory: folderOf(lab),
  logFile: `${folderOf(lab)}/kube-apiserver.log`,
})

/** Waits until it is ready. Throws LabError when it is not, or `ended` says that it never will be. */
export async function untilApiReady(
  lab: WithApi,
  bounds: WaitBounds,
  ended: () => string | undefined = () => undefined,
): Promise<void> {
  await waitUntil(async () => {
    const end = ended()
    if (end !== undefined) throw new LabError('failed', end)
    const { status, text } = await ask(lab, { method: 'GET', path: '/readyz' })
    return status === 200 ? undefined : `the API server is not ready: ${text.slice(0, 300)}`
  }, bounds)
}

/** Starts it; etcd must have a leader. Resolves when it is ready. Throws LabError when it ends. */
export async function startApiServer(plan: LabPlan, bounds: WaitBounds): Promise<void> {
  writeSecrets(plan)
  const daemon = await startLabDaemon(plan, {
    role: API_SERVER,
    namespace: plan.switchNamespace,
    argv: words(plan),
    ...apiServerFiles(plan),
  })
  await untilApiReady(plan, bounds, () => endedDaemon(daemon))
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

async function ask(
  lab: WithApi,
  { method, path, body }: ApiRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const sent = body === undefined ? [] : ['-H', `content-type: ${type}`, '--data-binary', '@-']
  const inside = placePrefix({ namespace: lab.switchNamespace })
  const timeoutMs = ANSWER_SECONDS * 2000
  const run = shell({ timeoutMs, ...(body !== undefined && { input: JSON.stringify(body) }) })
  const asked = ['-sS', '-m', ANSWER_SECONDS, '-K', curlOptionsOf(lab), '-w', '\n%{http_code}', '-X', method]
  const { stdout, stderr } = await run`${inside} curl ${asked} ${sent} ${SERVER + path}`
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, Math.max(end, 0)) || stderr.trim() }
}

/** Asks the API; an object that is there already, or to be deleted and gone, is as wanted. Throws LabError for any other refusal. */
export async function askApi<T>(lab: WithApi, request: ApiRequest): Promise<T> {
  const { status, text } = await ask(lab, request)
  const { method, path } = request
  const isAsWanted = (method === 'POST' && status === 409) || (method === 'DELETE' && status === 404)
  if (status >= 200 && (status < 300 || isAsWanted)) return JSON.parse(text) as T
  throw new LabError('failed', `the API server refused ${method} ${path}: ${text.slice(0, 300)}`)
}
