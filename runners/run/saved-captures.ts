/** Slices of captures beside a saved state: what each tap saw of the ping, for Wireshark. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptureProof } from './trace-cluster.ts'

/** Below the folder of a saved state, beside its hosts. */
const CAPTURES = 'captures'

/** `h1_h1c1_eth0.pcap`; of a larger ping followed as well `h1_h1c1_eth0_1450-bytes.pcap`. */
function captureName({ host, container, link, size }: CaptureProof): string {
  const words = [host, container, link, size === undefined ? undefined : `${size}-bytes`]
  const safe = words.flatMap((word) =>
    word === undefined ? [] : [word.replace(/[^\w.@-]/g, '_').slice(0, 64)],
  )
  return `${safe.join('_')}.pcap`
}

/** Writes them into the folder of a saved state. */
export async function saveCaptures(directory: string, proofs: readonly CaptureProof[]): Promise<void> {
  await mkdir(join(directory, CAPTURES), { recursive: true })
  for (const proof of proofs) await writeFile(join(directory, CAPTURES, captureName(proof)), proof.pcap)
}
