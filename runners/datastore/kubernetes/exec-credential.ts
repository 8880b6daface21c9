/**
 * A client-go credential plugin (`client.authentication.k8s.io`): a program of the user's that prints a token or a
 * certificate. It is run without a terminal and with a deadline; what it prints goes nowhere else.
 */
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { printable } from '../../../reports/layout/printable.ts'
import { exitText } from '../../collect/collect.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import { type CommandResult, RunnerError } from '../../hosts/command/runner.ts'
import { localRunner } from '../../hosts/local.ts'
import type { Entry, ExecPlugin } from './kubeconfig.ts'
import { KubeAccessError } from './request.ts'

const MOST_BYTES = 1024 * 1024
const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
const VARIABLE = /^[A-Za-z_]\w*$/

const answer = z.looseObject({
  kind: z.literal('ExecCredential'),
  status: z.looseObject({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
})

/** What a plugin gave. */
export type ExecCredential = z.infer<typeof answer>['status']

function refuse(why: KubeAccessError['why'], plugin: ExecPlugin, message: string): KubeAccessError {
  return new KubeAccessError(why, `exec plugin ${printable(plugin.command, 80)} of the kubeconfig ${message}`)
}

/** A name with a slash is meant beside the file (client-go `exec.go`, `ResolveLocalPaths`). */
function commandOf({ command }: ExecPlugin, folder: string): string {
  return isAbsolute(command) || !command.includes('/') ? command : join(folder, command)
}

/** Variables come by standard input, so that no process list shows them. */
function script(plugin: ExecPlugin, folder: string, cluster: unknown): string {
  const info = {
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: { interactive: false, ...(plugin.provideClusterInfo === true && { cluster }) },
  }
  const variables = [...(plugin.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
  const words = [commandOf(plugin, folder), ...(plugin.args ?? [])].map(posixQuote)
  const exports = variables.map(({ name, value }) => `export ${name}=${posixQuote(value)}`)
  return [...exports, `exec ${words.join(' ')} </dev/null 2>/dev/null`, ''].join('\n')
}

function refuseUnusable(plugin: ExecPlugin): void {
  if (!VERSIONS.includes(plugin.apiVersion)) {
    throw refuse('unparsable', plugin, `speaks ${printable(plugin.apiVersion, 80)}, which is not supported`)
  }
  if (plugin.interactiveMode === 'Always') {
    throw refuse('not-permitted', plugin, 'asks a person each time: give a token instead')
  }
  if ((plugin.env ?? []).some(({ name }) => !VARIABLE.test(name))) {
    throw refuse('unparsable', plugin, 'has a variable whose name is none')
  }
}

/** Exit status of a shell that did not find the program, or may not run it (POSIX, 2.8.2). */
const NOT_FOUND = 127
const NOT_PERMITTED = 126

function problemOf(plugin: ExecPlugin, { end }: CommandResult): KubeAccessError | undefined {
  if ('exit' in end && end.exit === 0) return undefined
  if ('exit' in end && end.exit === NOT_FOUND) return refuse('not-installed', plugin, 'is not there')
  if ('exit' in end && end.exit === NOT_PERMITTED) return refuse('not-permitted', plugin, 'cannot be run')
  if ('timedOut' in end) return refuse('timed-out', plugin, 'gave nothing in time')
  return refuse('not-permitted', plugin, `ended with ${exitText(end)}: run it by hand to see why`)
}

function parsed(plugin: ExecPlugin, stdout: Uint8Array): ExecCredential {
  try {
    return answer.parse(JSON.parse(new TextDecoder().decode(stdout))).status
  } catch {
    throw refuse('unparsable', plugin, 'printed no ExecCredential')
  }
}

/** What a plugin printed. Throws KubeAccessError, also where it tells nothing of who asks: that is no right to ask as nobody. */
export function printedCredential(plugin: ExecPlugin, stdout: Uint8Array): ExecCredential {
  const status = parsed(plugin, stdout)
  const { token, clientCertificateData: cert, clientKeyData: key } = status
  if (token || (cert && key)) return status
  throw refuse('not-permitted', plugin, 'gave neither a token nor a certificate with its key')
}

/** Runs the plugin. Throws KubeAccessError. */
export async function execCredential(
  { value: plugin, folder }: Entry<ExecPlugin>,
  cluster: unknown,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ExecCredential> {
  refuseUnusable(plugin)
  let result: CommandResult
  try {
    const stdin = script(plugin, folder, cluster)
    result = await localRunner('here').run(['sh', '-s'], { stdin, timeoutMs, signal, maxBytes: MOST_BYTES })
  } catch (error) {
    if (error instanceof RunnerError) throw refuse('not-installed', plugin, 'could not be started')
    throw error
  }
  const problem = problemOf(plugin, result)
  if (problem !== undefined) throw problem
  return printedCredential(plugin, result.stdout)
}
