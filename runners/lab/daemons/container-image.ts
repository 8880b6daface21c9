/** A container image made of one program of this machine, so that no registry is needed. */
import { existsSync } from 'node:fs'
import { $ } from '../../hosts/command/zx.ts'
import { commandPath } from '../../setup/search-path.js'
import { LabError } from '../lab-error.ts'

export interface ContainerImage {
  /** The image as a tar archive of its root file system. */
  readonly archive: string
  /** What its containers run: nothing, forever. */
  readonly command: readonly string[]
}

/**
 * Makes the image once per lab in `directory`: busybox with its applets where it is installed
 * (a container then has a shell and ping), otherwise sleep with its libraries.
 */
export async function makeImage(directory: string): Promise<ContainerImage> {
  const busybox = commandPath('busybox')
  const program = busybox ?? commandPath('sleep')
  if (program === undefined)
    throw new LabError('missing', 'a container needs busybox (Debian package busybox-static)')
  const root = `${directory}/root`
  const archive = `${directory}/root.tar`
  if (!existsSync(root)) await fillRoot(root, program)
  const { ok, stderr } = await $`tar -C ${root} -cf ${archive} .`
  if (!ok) throw new LabError('failed', `cannot make a container image: ${stderr.trim()}`)
  return {
    archive,
    command: busybox === undefined ? ['/bin/sleep', 'infinity'] : ['/bin/busybox', 'sleep', '86400000'],
  }
}

async function fillRoot(root: string, program: string): Promise<void> {
  const { ok, stderr } = await $`
    mkdir -p ${root}/bin ${root}/etc ${root}/proc ${root}/sys ${root}/dev ${root}/tmp
    cp -L ${program} ${root}/bin/
    { ldd ${program} 2>/dev/null || true; } | grep -o ${'/[^ ]*'} | while read -r library; do
      mkdir -p ${root}$(dirname "$library")
      cp -L "$library" ${root}"$library"
    done
    [ ! -x ${root}/bin/busybox ] || for applet in sh sleep ping ip wget nc; do ln -sf busybox ${root}/bin/$applet; done`
  if (!ok) throw new LabError('failed', `cannot make a container image: ${stderr.trim()}`)
}
