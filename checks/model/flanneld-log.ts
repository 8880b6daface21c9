/** How much a line of flanneld matters, by the letter klog and glog put in front. */
export type LogLevel = 'info' | 'warning' | 'error' | 'fatal'

/** One line of flanneld's log. */
export interface LogLine {
  /** As printed. */
  readonly raw: string
  /** Absent where the line has no header: flag errors, panics, what goes to standard output. */
  readonly level?: LogLevel
  /** The process that wrote it, as it knows itself. */
  readonly pid?: number
  /** `main.go:536`; absent without a header. */
  readonly place?: string
  /** Seconds before it was read, by the host's clock; absent without a header or where the clocks do not fit. */
  readonly ageSeconds?: number
  /** Without the header. */
  readonly text: string
}

/** The end of one flanneld's log. */
export interface LogTail {
  readonly from: 'file' | 'journal' | 'container'
  /** Path, unit or container. */
  readonly name: string
  /** The process whose standard error it is; absent where nothing tells. */
  readonly pid?: number
  /** Oldest first. */
  readonly lines: readonly LogLine[]
}

/** A program with a UDP port. */
export interface PortHolder {
  readonly port: number
  readonly program: string
  readonly pid: number
}

/** What the flanneld of a host said last, wherever that is kept; empty where nothing keeps it. */
export interface FlanneldLog {
  readonly tails: readonly LogTail[]
  /** Who has UDP ports; asked only where a log says that one is taken. */
  readonly holders?: readonly PortHolder[]
}
