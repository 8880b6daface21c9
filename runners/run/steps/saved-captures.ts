/** Slices of captures beside a saved state: what each tap saw of the ping, for Wireshark. */
import type { CaptureProof } from './followed.ts'

/** `h1_h1c1_eth0.pcap`; of a larger ping followed as well `h1_h1c1_eth0_1450-bytes.pcap`. */
function captureName({ host, container, link, size }: CaptureProof): string {
  const words = [host, container, link, size === undefined ? undefined : `${size}-bytes`]
  const safe = words.flatMap((word) =>
    word === undefined ? [] : [word.replace(/[^\w.@-]/g, '_').slice(0, 64)],
  )
  return `${safe.join('_')}.pcap`
}

/** File names and contents, as a saved state has them in its folder `captures`. */
export function captureFiles(proofs: readonly CaptureProof[]): ReadonlyMap<string, Uint8Array> {
  return new Map(proofs.map((proof) => [captureName(proof), proof.pcap]))
}
