/** Kubeconfigs with a token, for the API server of a lab. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'

/** Writes one that only its owner may read. */
export function writeKubeconfig(
  path: string,
  about: {
    readonly server: string
    /** File of the authority that the server's certificate is from. */
    readonly certificate: string
    readonly user: string
    readonly token: string
  },
): void {
  const { server, certificate, user, token } = about
  const file = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  }
  writeFileSync(path, stringify(file, { lineWidth: 0 }), { mode: 0o600 })
}
