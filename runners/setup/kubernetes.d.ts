export declare const KUBERNETES_VERSION: string
export type ClusterProgram =
  | 'kubelet'
  | 'kubectl'
  | 'kube-proxy'
  | 'kube-controller-manager'
  | 'kube-scheduler'
export declare function kubernetesPrograms(): {
  readonly apiServer: string
  readonly cluster: (name: ClusterProgram) => string
  readonly runtime: string
  readonly cnitool: string
  readonly plugins: string
}
export declare function hasKubernetes(): boolean
export declare function installKubernetes(options?: {
  readonly cluster?: boolean
  readonly log?: (line: string) => void
}): Promise<void>
