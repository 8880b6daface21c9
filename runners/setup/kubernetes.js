/**
 * Makes what a Kubernetes lab runs: the API server out of the Go module of Kubernetes, flannel's CNI plugin and cnitool
 * out of theirs, the other CNI plugins and the container runtime out of Debian packages that are unpacked and not installed.
 * Only a lab that asks for it comes here: the API server costs ten minutes of a processor, what runs on nodes five more, once.
 */
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './cache-folder.js'
import { makePrograms } from './make-programs.js'
import { execute } from './run-to-end.js'

/** The last minor version that runs on machines with cgroup v1, and the newest of it that the module proxy serves. */
export const KUBERNETES_VERSION = 'v1.34.4'

const SOURCE = fileURLToPath(new URL('kubernetes/', import.meta.url))

/** Modules that are built from, with their hashes as Go computes them (`go mod download -json`, field Sum). */
const MODULES = {
  kubernetes: {
    path: 'k8s.io/kubernetes',
    version: KUBERNETES_VERSION,
    hash: 'h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=',
  },
  /** The last release that has flannel's own plugin, the ancestor of flannel-io/cni-plugin, which no proxy serves. */
  flannel: {
    path: 'github.com/containernetworking/plugins',
    version: 'v0.9.1',
    hash: 'h1:FD1tADPls2EEi3flPc2OegIY1M9pUa9r2Quag7HMLV8=',
    command: 'plugins/meta/flannel',
  },
  cnitool: {
    path: 'github.com/containernetworking/cni',
    version: 'v1.3.0',
    hash: 'h1:v6EpN8RznAZj9765HhXQrtXgX+ECGebEYEmnuFjskwo=',
    command: 'cnitool',
  },
}

/** Packages of Debian that are unpacked, not installed: where in them the programs lie. */
const PLUGINS = {
  name: 'containernetworking-plugins',
  folder: 'usr/lib/cni',
  programs: ['bridge', 'host-local', 'loopback', 'portmap'],
}
const RUNTIME = [
  { name: 'containerd', folder: 'usr/bin', programs: ['containerd', 'containerd-shim-runc-v2', 'ctr'] },
  { name: 'runc', folder: 'usr/sbin', programs: ['runc'] },
]

/** What a cluster runs: two programs with the names that make each of them what it is; the first name is the file's. */
const CLUSTER_PROGRAMS = [
  { source: 'kube-node', folder: 'node', names: ['kubelet', 'kubectl'] },
  {
    source: 'kube-control',
    folder: 'control',
    names: ['kube-controller-manager', 'kube-scheduler', 'kube-proxy'],
  },
]

/** The API server took 37 minutes on a machine that was busy with forty other things. */
const BUILD_MS = 60 * 60_000

/** Every program of a Kubernetes lab but flanneld, by what the lab calls it. */
export function kubernetesPrograms() {
  const folder = join(cacheFolder(), 'kubernetes')
  const release = join(folder, KUBERNETES_VERSION)
  return {
    apiServer: join(release, 'kube-apiserver'),
    /** Those of a cluster by their names. */
    cluster: (name) => {
      const { folder } = CLUSTER_PROGRAMS.find(({ names }) => names.includes(name))
      return join(release, folder, name)
    },
    /** containerd and what it starts. */
    runtime: join(folder, 'runtime'),
    cnitool: join(folder, 'cnitool'),
    /** Plugins by name, as a node has them in /opt/cni/bin. */
    plugins: join(folder, 'cni'),
  }
}

function everyPath() {
  const { apiServer, cluster, runtime, cnitool, plugins } = kubernetesPrograms()
  return [
    apiServer,
    cnitool,
    ...CLUSTER_PROGRAMS.flatMap(({ names }) => names).map(cluster),
    ...['flannel', ...PLUGINS.programs].map((name) => join(plugins, name)),
    ...RUNTIME.flatMap(({ programs }) => programs).map((name) => join(runtime, name)),
  ]
}

/** True when labs and all tests of them can start at once. */
export const hasKubernetes = () => everyPath().every((path) => existsSync(path))

/**
 * Makes what is missing and verifies what is there: with `cluster` also what a lab of kubelets runs. Throws an Error of
 * one clear sentence when something cannot be made.
 */
export async function installKubernetes({ cluster = false, log = () => {} } = {}) {
  const { apiServer, cnitool, plugins, cluster: pathOf, runtime } = kubernetesPrograms()
  await makePrograms(
    [apiServer],
    (work) => buildKubernetes('kube-apiserver', 'kube-apiserver', { work, log }),
    log,
  )
  await makePrograms([join(plugins, 'flannel')], (work) => buildCommand(MODULES.flannel, work), log)
  await makePrograms([cnitool], (work) => buildCommand(MODULES.cnitool, work), log)
  await unpack(PLUGINS, plugins)
  if (!cluster) return
  for (const { source, names } of CLUSTER_PROGRAMS) {
    const [first, ...others] = names
    await makePrograms([pathOf(first)], (work) => buildKubernetes(first, source, { work, log }), log)
    for (const name of others) if (!existsSync(pathOf(name))) symlinkSync(first, pathOf(name))
  }
  for (const one of RUNTIME) await unpack(one, runtime)

  function unpack({ name, folder, programs }, into) {
    const paths = programs.map((program) => join(into, program))
    return makePrograms(paths, async (work) => join(await unpackPackage(name, work), folder), log)
  }
}

/** Downloads a module's source, which must have its hash; gives where it and its go.mod lie. */
async function download({ path, version, hash }) {
  const answer = JSON.parse(await execute(['go', 'mod', 'download', '-json', `${path}@${version}`]))
  if (answer.Sum !== hash)
    throw new Error(`${path} ${version} was refused: its source has hash ${answer.Sum}, expected ${hash}`)
  return answer
}

/**
 * Kubernetes cannot be built from outside as it is: its go.mod replaces its staging modules by folders that the module
 * does not contain. They are modules as well, of the same release with major version 0.
 */
function goMod(kubernetesMod) {
  const staging = [...kubernetesMod.matchAll(/^\s*(?:replace )?(\S+) => \.\/staging\//gm)].map(
    ([, name]) => name,
  )
  const release = KUBERNETES_VERSION.replace(/^v1/, 'v0')
  return [
    'module flannel-doctor-lab',
    'go 1.24.0',
    'godebug default=go1.24',
    `require ${MODULES.kubernetes.path} ${KUBERNETES_VERSION}`,
    ...staging.map((name) => `replace ${name} => ${name} ${release}`),
    '',
  ].join('\n')
}

/** Builds the program of ours in that folder, under that name. */
async function buildKubernetes(name, source, { work, log }) {
  log(`${name} is built with Go: 0.6 GB of modules, up to ten minutes of a processor, once`)
  const { GoMod } = await download(MODULES.kubernetes)
  writeFileSync(join(work, 'go.mod'), goMod(readFileSync(GoMod, 'utf8')))
  copyFileSync(join(SOURCE, source, 'main.go'), join(work, 'main.go'))
  const [, minor] = KUBERNETES_VERSION.split('.')
  const told = { gitVersion: KUBERNETES_VERSION, gitMajor: 1, gitMinor: minor }
  const stamp = Object.entries(told).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  )
  const options = { cwd: work, deadlineMs: BUILD_MS }
  await execute(['go', 'mod', 'tidy'], options)
  const out = join(work, name)
  await execute(['go', 'build', '-trimpath', `-ldflags=-s -w ${stamp.join(' ')}`, '-o', out, '.'], options)
  const said = (await execute([out, '--version'])).trim()
  if (said !== `Kubernetes ${KUBERNETES_VERSION}`) throw new Error(`the ${name} built calls itself "${said}"`)
  return work
}

/** A command of a module that replaces nothing. */
async function buildCommand(module, work) {
  await download(module)
  const env = { ...process.env, GOBIN: work }
  await execute(
    ['go', 'install', '-trimpath', '-ldflags=-s -w', `${module.path}/${module.command}@${module.version}`],
    { env },
  )
  return work
}

async function unpackPackage(name, work) {
  await execute(['apt-get', 'download', '-q', name], { cwd: work })
  await execute(['sh', '-c', 'dpkg -x ./*.deb unpacked'], { cwd: work })
  return join(work, 'unpacked')
}
