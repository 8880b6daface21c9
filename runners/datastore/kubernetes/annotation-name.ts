/** The end of the names of flannel's annotations, whatever prefix they have (`pkg/subnet/kube/annotations.go`). */
export const ANNOTATION =
  /^(.*[/-])(kube-subnet-manager|backend-(?:type|data|v6-data)|(?:node-)?public-ip(?:v6)?|public-ip(?:v6)?-overwrite)$/
