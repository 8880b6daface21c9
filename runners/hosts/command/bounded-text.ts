/** What a command says besides its output. */

/** Longest text that is kept. */
const KEPT_BYTES = 1024 * 1024

/** Reads a stream as text. What comes after the longest text is dropped, and `flooded` is called for more than `mostBytes`. */
export function boundedText(
  stream: NodeJS.ReadableStream,
  mostBytes: number,
  flooded: () => void,
): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < KEPT_BYTES) chunks.push(chunk.subarray(0, KEPT_BYTES - size))
    size += chunk.length
    if (size > mostBytes) flooded()
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
