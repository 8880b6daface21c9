/** What tests of saved states write. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The `meta.json` of a state, but for its hosts. */
export const META = {
  schemaVersion: 1,
  kind: 'recorded',
  tool: 'flannel-doctor',
  at: '2030-01-01T00:00:00.000Z',
  complete: true,
} as const

/** A new folder. */
export const folder = (): string => mkdtempSync(join(tmpdir(), 'state-'))
