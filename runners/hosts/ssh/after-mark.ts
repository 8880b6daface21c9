/** What a stream carries behind a mark: shells greet, and their words are not the command's. */

/** Gives of each chunk what stands behind the mark, which may lie across chunks; undefined while it has not come. */
export function afterMark(mark: string): (chunk: Uint8Array) => Uint8Array | undefined {
  let before: Buffer | undefined = Buffer.alloc(0)
  return (chunk) => {
    if (before === undefined) return chunk
    before = Buffer.concat([before, chunk])
    const at = before.indexOf(mark)
    if (at < 0) {
      before = Buffer.from(before.subarray(Math.max(0, before.length - mark.length)))
      return undefined
    }
    const rest = before.subarray(at + mark.length)
    before = undefined
    return rest
  }
}

/** The chunks until the stream ends; it ends as well where it was let go of, as that of a killed command (`killAndLetGo`). */
async function* untilLetGo(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

/** The stream behind the mark; all of it when no mark came, for then a shell says why. */
export async function* streamAfterMark(
  stream: AsyncIterable<Uint8Array>,
  mark: string,
): AsyncGenerator<Uint8Array> {
  const kept: Uint8Array[] = []
  const behind = afterMark(mark)
  let seen = false
  for await (const chunk of untilLetGo(stream)) {
    const rest = behind(chunk)
    if (rest === undefined) {
      kept.push(chunk)
      continue
    }
    seen = true
    if (rest.length > 0) yield rest
  }
  if (!seen) yield* kept
}
