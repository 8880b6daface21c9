/** The configuration that a flanneld of Kubernetes has read, which it finds in a file. */
export interface NetConf {
  /** Absent where no such flanneld runs here. */
  readonly file?: {
    /** As flanneld sees it. */
    readonly path: string
    /** A backend's key is masked. */
    readonly text: string
  }
}
