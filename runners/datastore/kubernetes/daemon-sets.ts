/** The DaemonSets of a reading whose pods run flanneld. */
import { FLANNEL_IMAGE } from '../../../checks/expected/constants.ts'
import type { FlannelDaemonSet } from '../../../checks/model/node.ts'
import { present } from '../../../checks/model/present.ts'
import type { KubernetesReading } from './reading.ts'

/** The DaemonSets of flannel; undefined where none could be listed. */
export function daemonSetsOf({
  resources: { daemonsets, configmaps },
}: KubernetesReading): readonly FlannelDaemonSet[] | undefined {
  if (!('items' in daemonsets)) return undefined
  const { missing = [] } = 'items' in configmaps ? configmaps : {}
  return daemonsets.items
    .filter(({ spec }) => spec.template.spec.containers.some((one) => FLANNEL_IMAGE.test(one.image ?? '')))
    .map(({ metadata, spec, status }) => {
      const { namespace = '' } = metadata
      const { volumes = [] } = spec.template.spec
      const mounted = volumes.flatMap(({ configMap }) => configMap?.name ?? [])
      return present({
        namespace,
        name: metadata.name,
        desired: status.desiredNumberScheduled,
        ready: status.numberReady,
        lackedConfigMap: mounted.find((name) => missing.includes(`${namespace}/${name}`)),
      })
    })
}
