/** One captured packet where it lies in the bytes that were read: nothing is copied until somebody keeps it. */
export interface Frame {
  /** What was read from the capture; the packet is the part from `start` to `end`. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Milliseconds since 1970 by the clock of the capturing host. */
  readonly at: number
  /** Length on the wire; more than `end - start` when the capture cut the packet off. */
  readonly wireLength: number
  /** LINKTYPE_ number of the capture (see `link-layer.ts`). */
  readonly linkType: number
}

/** The same packet with bytes of its own, so that it can outlive the chunk it was read from. */
export function keepFrame(frame: Frame): Frame {
  const bytes = frame.bytes.slice(frame.start, frame.end)
  return { ...frame, bytes, start: 0, end: bytes.length }
}
