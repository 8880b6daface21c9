export declare const KUBERNETES_VERSION: string
export declare function kubernetesPrograms(): {
  readonly apiServer: string
  readonly cnitool: string
  readonly kubelet: string
  readonly kubectl: string
  readonly plugins: string
}
export declare function hasKubernetes(): boolean
export declare function installKubernetes(options?: {
  readonly kubelet?: boolean
  readonly log?: (line: string) => void
}): Promise<void>
