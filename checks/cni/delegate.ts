// flannel's plugin takes subnet, MTU and masquerading for its delegate from subnet.env unless the configuration says them
// itself (flannel-io/cni-plugin `flannel.go`, `flannel_linux.go`, `doCmdAdd`). What stands there is what every new pod gets;
// a delegate with a name or ipam of its own, or a value of another type, is refused, and the pod waits in ContainerCreating.
import { defineHostCheck } from '../define.ts'
import { type Cni, type CniConfigFile, type CniPlugin, chosenConfig, flannelPlugin } from '../model/cni.ts'

/** The delegate of the configuration in use, where pods get a bridge's port. */
function bridgeDelegate(chosen: CniConfigFile | undefined, plugin: CniPlugin | undefined) {
  const delegate = plugin?.delegate
  return chosen && delegate?.type === 'bridge' ? { file: chosen.name, delegate } : undefined
}

function refusal({ configDirectory: directory }: Cni, { name: file }: CniConfigFile, why: readonly string[]) {
  const place = { object: `${directory}/${file}`, shownBy: 'cni', data: { directory, file } } as const
  return { code: 'refused', ...place, observed: why.join(', ') } as const
}

export const check = defineHostCheck({
  id: 'cni/delegate',
  title: 'What the CNI configuration gives to pods',
  backends: 'any',
  needs: ['kubernetes', 'cni', 'subnetEnv'],
  needsExpected: false,
  findings: {
    refused: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the CNI plugin of {host} refuses {file} ({observed}): pods that run keep their network, no new one gets any',
      fix: 'Take what is refused out of {directory}/{file}: name and ipam of the delegate are set by the plugin itself. Pods that wait then come up by themselves.',
    },
    'mtu-too-large': {
      severity: 'warning',
      confidence: 'certain',
      says: '{file} of {host} gives new pods MTU {observed}, the overlay carries {expected}: their large packets stall or are fragmented',
      fix: 'Take mtu out of the delegate in {directory}/{file}: the plugin then takes that of subnet.env. Create the pods again that were made meanwhile.',
    },
    'without-gateway': {
      severity: 'warning',
      confidence: 'certain',
      says: '{file} of {host} gives new pods no default route (isDefaultGateway is not true): they reach their peers, and neither services nor anything beyond',
      fix: 'Write "isDefaultGateway": true into the delegate in {directory}/{file}, as the manifest of flannel has it, and create the pods again that were made meanwhile.',
    },
  },
  *evaluate({ facts: { cni, subnetEnv } }) {
    const [chosen, plugin] = [chosenConfig(cni), flannelPlugin(cni)]
    // What is refused is given to no pod.
    if (chosen !== undefined && plugin?.refused !== undefined)
      return yield refusal(cni, chosen, plugin.refused)
    const found = bridgeDelegate(chosen, plugin)
    if (found === undefined) return
    const { file, delegate } = found
    const directory = cni.configDirectory
    const place = { object: `${directory}/${file}`, shownBy: 'cni', data: { directory, file } } as const
    const { mtu } = subnetEnv
    if (delegate.mtu !== undefined && mtu !== undefined && delegate.mtu > mtu) {
      const prints = [`"mtu":${delegate.mtu}`]
      yield { code: 'mtu-too-large', ...place, expected: `${mtu}`, observed: `${delegate.mtu}`, prints }
    }
    const { isDefaultGateway: isGateway = 'not set' } = delegate
    if (isGateway === true) return
    yield { code: 'without-gateway', ...place, expected: 'isDefaultGateway true', observed: `${isGateway}` }
  },
})
