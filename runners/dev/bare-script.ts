/** What collecting a host must at least cost. */
import { FACT_COLLECTORS } from '../collect/facts/index.ts'
import { prelude } from '../collect/section/prelude.ts'
import type { CollectSettings } from '../collect/section/section.ts'

/** The commands of a collection in one shell, without frames. */
export function bareScript(settings: CollectSettings): string {
  return [
    prelude(settings),
    ...FACT_COLLECTORS.map(({ script }) => `(\n${script(settings)}\n) </dev/null`),
    'exit 0',
  ].join('\n')
}
