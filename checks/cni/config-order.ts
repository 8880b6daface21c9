// A container runtime takes the first file of its CNI configuration directory in name order (containernetworking/cni
// `libcni/conf.go`, `ConfFiles`); flannel's manifest writes 10-flannel.conflist (kube-flannel.yml, `install-cni`). A file
// that sorts before it, left by Calico, Cilium or the runtime's own package, gives pods addresses that flannel does not route.
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { type CniConfigFile, chosenConfig } from '../model/cni.ts'

/** Plugins that hand a pod on to another configuration: which one is theirs to say. */
const META = new Set(['multus', 'multus-shim', 'genie', 'danm'])

function isFlannels({ plugins }: CniConfigFile): boolean {
  return plugins.some(({ type }) => type === 'flannel')
}

/** Calico's policy beside flannel's routes (canal, RKE2's default): pods have no bridge there. */
function isCanal({ plugins }: CniConfigFile): boolean {
  return plugins.some(({ type, ipam }) => type === 'calico' && ipam === 'host-local')
}

/** A bridge over the subnet of the node, written by hand in place of flannel's plugin. */
function isOwnBridge({ plugins }: CniConfigFile, podCidrs: readonly string[]): boolean {
  return plugins.some(({ subnets = [] }) => subnets.some((one) => podCidrs.includes(one)))
}

/** One that gives pods addresses of the node, or leaves that to others. */
function isKnown(file: CniConfigFile, podCidrs: readonly string[]): boolean {
  const isMeta = file.plugins.some(({ type }) => META.has(type))
  return isMeta || isFlannels(file) || isCanal(file) || isOwnBridge(file, podCidrs)
}

/** Releases of the specification (containernetworking/cni `SPEC.md`); plugins refuse any other (`pkg/version/plugin.go`). */
const VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']

/** True for what is no release of the specification; a later one of the same major version may have come since. */
function isUnknown(version: string): boolean {
  const [, minor = ''] = /^1\.(\d+)\.\d+$/.exec(version) ?? []
  return !VERSIONS.includes(version) && !(Number(minor) > 1)
}

function* unknownVersion({ name: file, version }: CniConfigFile, directory: string) {
  if (version === undefined || !isUnknown(version)) return
  const place = { object: directory, shownBy: 'cni', data: { directory, file } } as const
  yield { code: 'unknown-version', ...place, expected: '0.3.1', observed: version } as const
}

export const check = defineHostCheck({
  id: 'cni/config-order',
  title: 'CNI configuration that is used',
  backends: 'any',
  needs: ['kubernetes', 'cni'],
  needsExpected: false,
  findings: {
    'other-first': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the container runtime of {host} uses {observed}, which sorts before {expected}: new pods get addresses outside the network of flannel',
      fix: 'Remove {directory}/{observed} (or what installed it), restart the container runtime and create the pods again.',
      explains: [
        { code: 'bridge/container-address:outside-subnet', when: 'same-host' },
        { code: 'cni/plugin:missing', when: 'same-host' },
      ],
    },
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'no CNI configuration of flannel is in {directory} of {host}: {observed}',
      fix: "Restart the flannel pod of the node: its init container install-cni writes 10-flannel.conflist; see its log, and whether it mounts the host's {directory}.",
      explains: [{ code: 'cni/plugin:missing', when: 'same-host' }],
    },
    'unknown-version': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'likely',
      says: '{file} of {host} asks for CNI version {observed}, which there is none of: no plugin sets up a pod by it',
      fix: 'Write a version that the plugins know into {directory}/{file}; that of the flannel manifest is 0.3.1.',
    },
    unreadable: {
      severity: 'warning',
      confidence: 'likely',
      says: '{observed} in {directory} of {host} sorts before {expected} and is no configuration: some container runtimes then load none',
      fix: 'Remove or mend {directory}/{observed}.',
    },
  },
  *evaluate({ host, facts: { cni }, cluster: { snapshot } }) {
    const node = clusterIdentity(snapshot).nodeByHost.get(host)
    if (node === undefined) return yield { unsure: 'it is not known which node this host is' }
    const { files, configDirectory: directory } = cni
    const [chosen, own] = [chosenConfig(cni), files.find(isFlannels)]
    const isFine = chosen !== undefined && isKnown(chosen, node.podCidrs)
    const place = { object: directory, shownBy: 'cni', data: { directory } } as const
    if (own === undefined) {
      const names = files.map(({ name }) => name).join(', ')
      const observed = names === '' ? 'it is empty' : `it has ${names}`
      if (!isFine) yield { code: 'missing', ...place, observed }
      return
    }
    const broken = files.slice(0, files.indexOf(own)).find(({ problem }) => problem !== undefined)
    if (broken) yield { code: 'unreadable', ...place, expected: own.name, observed: broken.name }
    yield* unknownVersion(own, directory)
    if (chosen && !isFine) yield { code: 'other-first', ...place, expected: own.name, observed: chosen.name }
  },
})
