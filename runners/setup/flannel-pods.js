/** What flannel's pods are made of besides flanneld, by version: its manifest, and what its init containers run. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isOursAlone } from './cache-folder.js'
import { keepWithChecksum, verifyChecksum } from './checksum.js'
import { cachedFlanneld, download, fetchFile, toolchain } from './flanneld.js'
import { execute } from './run-to-end.js'

/** Path of flannel's Kubernetes manifest of that version, fetched with the source where it is not in the cache yet. */
export async function installManifest(version) {
  const path = join(cachedFlanneld(version), '../kube-flannel.yml')
  if (!existsSync(path)) await fetchFile(version, 'Documentation/kube-flannel.yml', path)
  return path
}

/**
 * Path of the program that writes the CNI configuration in pods of that version (`cmd/install_conf`), built where it is
 * not in the cache yet. Manifests ask for it since v0.28.6.
 */
export async function installConfProgram(version) {
  const path = join(cachedFlanneld(version), '../install-conf')
  if (existsSync(path) && !isOursAlone(path))
    throw new Error(`${path} can be replaced by another user, so it is not run; remove it`)
  if (existsSync(path)) {
    verifyChecksum(path)
    return path
  }
  const directory = join(path, '..')
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const work = mkdtempSync(join(directory, '.build-'))
  try {
    const out = join(work, 'install-conf')
    const env = { ...toolchain(version), CGO_ENABLED: '0' }
    await execute(['go', 'build', '-buildvcs=false', '-o', out, './cmd/install_conf'], {
      cwd: await download(version),
      env,
    })
    keepWithChecksum(out, path)
    return path
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
