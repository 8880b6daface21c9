/** Host URL to runner. */
import { parseHostUrl } from './host-url.ts'
import { InputError } from './input-error.ts'
import { localRunner } from './local.ts'
import { netnsRunner } from './netns.ts'
import type { Runner } from './runner.ts'

/**
 * The runner of a host; `via` is its host URL.
 * Throws InputError when the URL is malformed or its kind has no runner in this version.
 */
export function makeRunner(host: string, via: string): Runner {
  const url = parseHostUrl(via)
  if (url.kind === 'local') return localRunner(host)
  if (url.kind === 'netns') return netnsRunner(host, url.namespace)
  throw new InputError(`${url.kind}:// hosts are not supported yet by this version (${via})`)
}
