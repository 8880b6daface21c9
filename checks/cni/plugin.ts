// The runtime runs each plugin of the configuration by its name out of one directory; flannel's hands on to bridge, which
// asks host-local, and every pod gets loopback. The manifest installs flannel's alone since v0.15.0 (kube-flannel.yml,
// `install-cni-plugin`); the others come with kubernetes-cni or containernetworking-plugins.
import { defineHostCheck } from '../define.ts'
import { type CniConfigFile, type CniPlugin, chosenConfig } from '../model/cni.ts'

/** Every program that setting a pod up needs. */
function programs({ plugins }: CniConfigFile): readonly string[] {
  const of = ({ type, ipam, delegate }: CniPlugin): readonly string[] => [
    type,
    ...(ipam === undefined ? [] : [ipam]),
    // flannel adds host-local to its delegate (flannel-io/cni-plugin `flannel_linux.go`, `doCmdAdd`).
    ...(delegate === undefined ? [] : [...of(delegate), 'host-local']),
  ]
  return [...new Set([...plugins.flatMap(of), 'loopback'])]
}

export const check = defineHostCheck({
  id: 'cni/plugin',
  title: 'CNI plugins that the configuration names',
  backends: 'any',
  needs: ['kubernetes', 'cni'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{directory} of {host} lacks {observed}, which {file} needs: new pods stay in ContainerCreating',
      fix: "Install them (package kubernetes-cni or containernetworking-plugins; flannel's own comes with its pod), or name the directory in the container runtime's configuration.",
    },
  },
  *evaluate({ facts: { cni }, sources }) {
    const { binaries, pluginDirectory: directory } = cni
    const chosen = chosenConfig(cni)
    if (chosen === undefined) return
    if (binaries === undefined) return yield { unsure: `no directory of CNI plugins was found` }
    const missing = programs(chosen).filter((name) => !binaries.includes(name))
    if (missing.length === 0) return
    yield {
      code: 'missing',
      object: directory,
      expected: programs(chosen).join(', '),
      observed: missing.join(', '),
      evidence: [
        {
          source: sources.cni,
          excerpt: `${chosen.name} needs ${programs(chosen).join(', ')}; in ${directory}: ${binaries.join(', ') || 'nothing'}`,
          derived: true,
        },
      ],
      data: { directory, file: chosen.name },
    }
  },
})
