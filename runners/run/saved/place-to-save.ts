/** Where a run is to be saved is looked at before hosts are asked: what they said would be lost. */
import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { isArchive, stateTarget } from '../../collect/saved/state-folder.ts'
import { asInput } from './saved-cluster.ts'

/** Rejects with InputError where nothing can be saved. */
export async function verifyPlace(path: string): Promise<void> {
  const { refuseOtherFile } = await import('../../collect/saved/state-archive.ts')
  const verify = (): void => {
    if (!isArchive(path)) return void stateTarget(path)
    accessSync(dirname(path), constants.W_OK)
    refuseOtherFile(path)
  }
  asInput(verify, `cannot save to ${path}: `)
}
