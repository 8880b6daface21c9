/**
 * A kubeconfig to one server and one way to say who asks (client-go `tools/clientcmd`): several files are joined, the
 * first that names a thing wins, and paths in a file are relative to it. What stands in a file is never printed: it may
 * be a key or a token.
 */
import { dirname, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { printable } from '../../../reports/layout/printable.ts'
import { readNamedFile } from '../../files/read-named-file.ts'
import { FileProblem } from '../../files/read-regular-file.ts'
import { refuseDeep } from '../../files/yaml-depth.ts'
import { KubeAccessError } from './request.ts'

/** One with certificates inside has some ten thousand bytes per cluster. */
const MOST_BYTES = 4 * 1024 * 1024
/** Contexts named in a message. */
const NAMED = 5

const text = z.string()

const cluster = z.looseObject({
  server: text,
  'certificate-authority': text.optional(),
  'certificate-authority-data': text.optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text.optional(),
  'proxy-url': text.optional(),
})

const execPlugin = z.looseObject({
  apiVersion: text,
  command: text,
  args: z.array(text).nullish(),
  env: z.array(z.object({ name: text, value: text })).nullish(),
  interactiveMode: text.optional(),
  provideClusterInfo: z.boolean().optional(),
})

const user = z.looseObject({
  token: text.optional(),
  tokenFile: text.optional(),
  'client-certificate': text.optional(),
  'client-certificate-data': text.optional(),
  'client-key': text.optional(),
  'client-key-data': text.optional(),
  username: text.optional(),
  password: text.optional(),
  as: text.optional(),
  'as-groups': z.array(text).optional(),
  exec: execPlugin.optional(),
  'auth-provider': z.looseObject({ name: text }).optional(),
})

const context = z.looseObject({ cluster: text, user: text.default(''), namespace: text.optional() })

function named<K extends string, T extends z.ZodType>(key: K, value: T) {
  return z
    .array(z.looseObject({ name: text, [key]: value } as Record<K, T> & { name: z.ZodString }))
    .nullish()
}

const file = z.looseObject({
  'current-context': text.nullish(),
  clusters: named('cluster', cluster),
  users: named('user', user),
  contexts: named('context', context),
})

export type Cluster = z.infer<typeof cluster>
export type User = z.infer<typeof user>
export type ExecPlugin = z.infer<typeof execPlugin>

/** A thing of a kubeconfig and the folder that paths in it are relative to. */
export interface Entry<T> {
  readonly value: T
  readonly folder: string
}

/** What one context of the joined files says. */
export interface KubeContext {
  readonly cluster: Entry<Cluster>
  readonly user: Entry<User>
  readonly namespace?: string
}

interface Joined {
  current: string | undefined
  readonly clusters: Map<string, Entry<Cluster>>
  readonly users: Map<string, Entry<User>>
  readonly contexts: Map<string, z.infer<typeof context>>
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readNamedFile(path, MOST_BYTES)
  } catch (error) {
    const why = error instanceof FileProblem && error.code === 'ENOENT' ? 'missing' : 'not-permitted'
    throw new KubeAccessError(why, `kubeconfig ${printable(path)}: ${(error as Error).message}`)
  }
}

function parsed(content: string, path: string): unknown {
  // Warnings would be written to stderr, with the line.
  try {
    refuseDeep(content)
    return parse(content, { prettyErrors: true, maxAliasCount: 10, logLevel: 'error' })
  } catch (error) {
    // The message quotes the line, which may hold a token.
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined
    const where = line === undefined ? '' : ` at line ${line}`
    throw new KubeAccessError('unparsable', `kubeconfig ${printable(path)} is no YAML${where}`)
  }
}

/** What the text of such a file says. Throws KubeAccessError. */
export function kubeconfigOf(content: string, path: string): z.infer<typeof file> {
  const { data, error } = file.safeParse(parsed(content, path))
  if (data !== undefined) return data
  const [issue] = error.issues
  const place = issue === undefined || issue.path.length === 0 ? 'the whole file' : issue.path.join('.')
  const message = `kubeconfig ${printable(path)}: ${printable(place, 80)} is not what a kubeconfig has there`
  throw new KubeAccessError('unparsable', message)
}

function join(joined: Joined, content: z.infer<typeof file>, folder: string): void {
  joined.current ??= content['current-context'] || undefined
  const add = <T>(all: Map<string, T>, name: string, value: T): void => {
    if (!all.has(name)) all.set(name, value)
  }
  for (const { name, cluster: value } of content.clusters ?? []) add(joined.clusters, name, { value, folder })
  for (const { name, user: value } of content.users ?? []) add(joined.users, name, { value, folder })
  for (const { name, context: value } of content.contexts ?? []) add(joined.contexts, name, value)
}

function unknown(kind: string, name: string, there: Iterable<string>): KubeAccessError {
  const names = [...there]
  const listed = names.slice(0, NAMED).map((one) => printable(one, 60))
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  const has = names.length === 0 ? 'it has none' : `it has ${listed.join(', ')}${more}`
  return new KubeAccessError('missing', `the kubeconfig has no ${kind} "${printable(name, 60)}": ${has}`)
}

/** What a context of these files says, the current one where none is asked for. Throws KubeAccessError. */
export async function kubeContext(paths: readonly string[], asked: string | undefined): Promise<KubeContext> {
  const joined: Joined = { current: undefined, clusters: new Map(), users: new Map(), contexts: new Map() }
  for (const path of paths) join(joined, kubeconfigOf(await contentOf(path), path), dirname(resolve(path)))
  const name = asked ?? joined.current
  if (name === undefined) {
    throw new KubeAccessError('missing', 'the kubeconfig has no current-context: name one with --context')
  }
  const chosen = joined.contexts.get(name)
  if (chosen === undefined) throw unknown('context', name, joined.contexts.keys())
  const of = joined.clusters.get(chosen.cluster)
  if (of === undefined) throw unknown('cluster', chosen.cluster, joined.clusters.keys())
  const who = chosen.user === '' ? { value: {}, folder: '' } : joined.users.get(chosen.user)
  if (who === undefined) throw unknown('user', chosen.user, joined.users.keys())
  return { cluster: of, user: who, ...(chosen.namespace && { namespace: chosen.namespace }) }
}
