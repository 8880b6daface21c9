/** Sections of hosts packed while nobody asks for them: each of a thousand hosts prints 300 kB, nearly all of it alike. */
import { promisify } from 'node:util'
import { constants, deflate, inflateSync } from 'node:zlib'
import type { Section } from './section.ts'

/** On a thread of its own, while other hosts answer. */
const pack = promisify(deflate)

/** Of all hosts the sections that were unpacked last. */
let last: { readonly of: Buffer; readonly sections: readonly Section[] } | undefined

function unpacked(of: Buffer): readonly Section[] {
  if (last?.of !== of) last = { of, sections: JSON.parse(inflateSync(of).toString()) as readonly Section[] }
  return last.sections
}

/** The same sections, unpacked when they are asked for. */
export async function packedSections(
  sections: readonly Section[],
): Promise<{ readonly sections: readonly Section[] }> {
  const packed = await pack(JSON.stringify(sections), { level: constants.Z_BEST_SPEED })
  return {
    get sections() {
      return unpacked(packed)
    },
  }
}
