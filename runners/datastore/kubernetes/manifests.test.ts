/** The manifests by which a cluster runs flannel-doctor itself: what they may do, and that their parts agree. */
import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { run } from '../../hosts/command/spawn.ts'

const FOLDER = new URL('../../kubernetes-manifests/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, FOLDER), 'utf8')
const documents = (path: string): readonly unknown[] =>
  parseAllDocuments(read(path)).map((one) => one.toJS() as unknown)

const mount = z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })
const container = z.object({
  command: z.array(z.string()),
  securityContext: z.object({
    privileged: z.never().optional(),
    readOnlyRootFilesystem: z.boolean().optional(),
    capabilities: z.object({ drop: z.array(z.string()), add: z.array(z.string()).default([]) }),
  }),
  volumeMounts: z.array(mount).default([]),
})
const podSpec = z.object({
  hostNetwork: z.boolean().default(false),
  hostPID: z.boolean().default(false),
  initContainers: z.array(container).default([]),
  containers: z.array(container),
  volumes: z.array(z.object({ name: z.string(), hostPath: z.object({ path: z.string() }).optional() })),
})
const workload = z.object({ spec: z.object({ template: z.object({ spec: podSpec }) }) })
const specOf = (path: string) => workload.parse(documents(path).at(-1)).spec.template.spec
const [collect, merge] = [specOf('chart/manifests/collect.yaml'), specOf('chart/manifests/merge.yaml')]
const entry = specOf('entry/entry.yaml')

test('the role is the one that flannel-doctor is shipped with', (t) => {
  t.is(read('chart/manifests/cluster-role.yaml'), read('../datastore/kubernetes/cluster-role.yaml'))
})

test('the role reads: nodes are watched, and nothing else', (t) => {
  const rule = z.object({ resources: z.array(z.string()), verbs: z.array(z.string()) })
  const [role] = documents('chart/manifests/cluster-role.yaml')
  const { rules } = z.object({ rules: z.array(rule) }).parse(role)
  t.deepEqual([...new Set(rules.flatMap(({ verbs }) => verbs))].sort(), ['get', 'list', 'watch'])
  const watched = rules.filter(({ verbs }) => verbs.includes('watch'))
  t.deepEqual(
    watched.map(({ resources }) => resources),
    [['nodes']],
  )
})

test('a node: three capabilities, nothing of the host is writable; the job has nothing of a host', (t) => {
  const [own] = collect.initContainers
  t.deepEqual(own?.securityContext.capabilities, {
    drop: ['ALL'],
    add: ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'],
  })
  const all = [...collect.initContainers, ...collect.containers, ...merge.containers]
  t.true(all.every(({ securityContext }) => securityContext.readOnlyRootFilesystem === true))
  t.deepEqual(
    [...collect.containers, ...merge.containers].flatMap((one) => one.securityContext.capabilities.add),
    [],
  )
  t.deepEqual([merge.hostNetwork, merge.hostPID], [false, false])
  t.deepEqual(
    merge.volumes.filter(({ hostPath }) => hostPath !== undefined),
    [],
  )
})

test('what of a host is mounted has its own path there, read-only, also in the plugin of Sonobuoy and in pods to enter', (t) => {
  const plugin = z
    .object({ podSpec: podSpec.pick({ volumes: true }), spec: container })
    .parse(documents('sonobuoy-plugin.yaml')[0])
  const [own] = collect.initContainers
  const mounted = (
    mounts: readonly z.infer<typeof mount>[] = [],
    { volumes }: Pick<z.infer<typeof podSpec>, 'volumes'>,
  ) =>
    volumes.flatMap(({ name, hostPath }) =>
      hostPath === undefined ? [] : [[hostPath.path, mounts.find((one) => one.name === name)]],
    )
  const found = mounted(own?.volumeMounts, collect)
  t.true(found.length >= 5)
  for (const [path, at] of found) t.like(at, { mountPath: path as string, readOnly: true })
  t.deepEqual(mounted(plugin.spec.volumeMounts, plugin.podSpec), found)
  t.deepEqual(plugin.spec.securityContext.capabilities, own?.securityContext.capabilities)
  const [entered] = entry.containers
  t.deepEqual(mounted(entered?.volumeMounts, entry), found)
  const reading = own?.securityContext.capabilities.add ?? []
  t.deepEqual(entered?.securityContext.capabilities.add, [...reading, 'NET_RAW', 'SETUID', 'SETGID'])
  t.deepEqual([entry.hostNetwork, entry.hostPID], [collect.hostNetwork, collect.hostPID])
})

test('scripts are there, are read by a shell, and every manifest is in both the kustomization and the chart', async (t) => {
  const kustomization = z
    .object({
      resources: z.array(z.string()),
      configMapGenerator: z.array(z.object({ files: z.array(z.string()) })),
    })
    .parse(documents('kustomization.yaml')[0])
  const manifests = readdirSync(new URL('chart/manifests/', FOLDER))
  const listed = kustomization.resources.filter((path) => path.startsWith('chart/'))
  t.deepEqual(listed.map((path) => path.replace('chart/manifests/', '')).toSorted(), manifests.toSorted())
  const template = read('chart/templates/manifests.yaml')
  for (const name of manifests) t.true(template.includes(`"${name.replace('.yaml', '')}"`), name)
  const scripts = kustomization.configMapGenerator.flatMap(({ files }) => files)
  const started = [...collect.initContainers, ...merge.containers].flatMap(
    ({ command }) => command.at(-1) ?? [],
  )
  t.deepEqual(started.toSorted(), scripts.map((path) => path.replace('chart/files', '/scripts')).toSorted())
  for (const path of scripts) {
    const { end, stderr } = await run(['sh', '-n'], { stdin: read(path) })
    t.deepEqual({ end, stderr: stderr.toString() }, { end: { exit: 0 }, stderr: '' }, path)
  }
})
