/** An administrator of a lab's cluster: the built kubectl, a folder of their own, and an image that nodes have. */
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../hosts/command/spawn.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { placePrefix } from '../place.ts'
import type { LabState } from '../running/state.ts'
import { DOCTOR_IMAGE } from './doctor-image-for-tests.ts'
import { ctrWords } from './node-daemons.ts'

const MINUTES = 60_000
export const MANIFESTS = fileURLToPath(new URL('../../kubernetes-manifests/', import.meta.url))
/** Of what the manifests make. */
export const NAMESPACE = 'flannel-doctor'

/** What is done in the cluster. */
export interface ClusterAdmin {
  readonly work: string
  readonly kubectl: (...words: readonly string[]) => Promise<string>
}

async function must(argv: readonly string[]): Promise<string> {
  const { end, stdout, stderr } = await run(argv, { timeoutMs: 5 * MINUTES })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${argv.join(' ')}: ${stderr}${stdout}`)
  return stdout.toString()
}

/** A kustomization of a user who has pushed the image: theirs names it, and nothing else. */
function writeOverlay(work: string, manifests: string): void {
  const overlay = {
    resources: [relative(work, manifests)],
    images: [{ name: 'flannel-doctor', newName: DOCTOR_IMAGE.name, newTag: DOCTOR_IMAGE.tag }],
  }
  writeFileSync(join(work, 'kustomization.yaml'), JSON.stringify(overlay))
}

/** Gives every node the image that `write` makes; `kubectl -k WORK` is then about those manifests. */
export async function clusterAdmin(
  lab: LabState,
  made: {
    /** A folder to fill. */
    readonly work: string
    readonly manifests: string
    readonly write: (directory: string) => Promise<string>
  },
): Promise<ClusterAdmin> {
  const { work, manifests, write } = made
  writeOverlay(work, manifests)
  const image = await write(`${work}/image`)
  for (const host of lab.hosts) await must([...ctrWords(host), 'images', 'import', image])
  const argv = [
    ...placePrefix({ namespace: lab.switchNamespace }),
    'env',
    `HOME=${work}`,
    kubernetesPrograms().cluster('kubectl'),
    `--kubeconfig=${lab.kubernetes?.kubeconfig}`,
  ]
  return { work, kubectl: (...words) => must([...argv, ...words]) }
}
