/** The DaemonSets of a reading whose pods run flanneld. */
import { FLANNEL_IMAGE } from '../../../checks/expected/constants.ts'
import type { FlannelDaemonSet } from '../../../checks/model/node.ts'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import type { KubernetesReading } from './reading.ts'

/** A name or label of the cluster's, for whoever reads the report. */
const LONGEST_SELECTOR = 200

/** Every manifest of flannel asks for Linux. */
const OF_EVERY_MANIFEST = /(^|\.)kubernetes\.io\/os$/

function selectorText(selector: Readonly<Record<string, string>> = {}): string | undefined {
  const words = Object.entries(selector)
    .filter(([label]) => !OF_EVERY_MANIFEST.test(label))
    .map(([label, value]) => `${label}=${value}`)
  return words.length === 0 ? undefined : printable(words.join(', '), LONGEST_SELECTOR)
}

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
      const { containers, volumes = [], nodeSelector } = spec.template.spec
      const own = containers.filter(({ image = '' }) => FLANNEL_IMAGE.test(image))
      const mounted = volumes.flatMap(({ configMap }) => configMap?.name ?? [])
      return present({
        namespace,
        name: metadata.name,
        desired: status.desiredNumberScheduled,
        ready: status.numberReady,
        containers: own.flatMap(({ name }) => name ?? []),
        nodeSelector: selectorText(nodeSelector),
        lackedConfigMap: mounted.find((name) => missing.includes(`${namespace}/${name}`)),
      })
    })
}
