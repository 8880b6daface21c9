/** What tcpdump says on stderr: that it listens, what it counted, what is wrong. */

export interface TcpdumpCounts {
  /** Packets it wrote. */
  readonly captured: number
  /** Packets the kernel lost because tcpdump did not take them in time. */
  readonly dropped: number
}

/** True once it captures: the filter is set before it says so. */
export function isListening(words: string): boolean {
  return /^(tcpdump: )?listening on /m.test(words)
}

/** The counts it prints at its end; undefined when it did not come to that. */
export function countsIn(words: string): TcpdumpCounts | undefined {
  const captured = /^(\d+) packets? captured$/m.exec(words)?.[1]
  const dropped = /^(\d+) packets? dropped by kernel$/m.exec(words)?.[1]
  if (captured === undefined || dropped === undefined) return undefined
  return { captured: Number(captured), dropped: Number(dropped) }
}

/** Its complaint, without its name; a sentence of our own when it said nothing. */
export function complaintIn(words: string): string {
  const lines = words.split('\n').filter((line) => line !== '' && !isListening(line))
  const complaint = lines.find((line) => !/ (suppressed|captured|by filter|by kernel)\b/.test(line))
  return complaint?.replace(/^\S*tcpdump: /, '') ?? 'tcpdump ended without a word'
}
