/** `--profile`: names of profiles, refused before anything is collected. */
import { PROFILES, type Profile } from '../../checks/clauses/clause.ts'
import { InputError } from '../input-error.ts'
import { nearestName } from '../nearest-name.ts'

/** The profiles asked for, each once, in the order of profiles; those of plugins have their names. Throws InputError for a name that is none. */
export function claimedProfiles(
  names: readonly string[],
  ofPlugins: readonly string[] = [],
): readonly Profile[] {
  const known: readonly string[] = [...PROFILES, ...ofPlugins]
  for (const name of names.filter((each) => !known.includes(each))) {
    const near = nearestName(name, known)
    const hint = near === undefined ? '' : ` Did you mean ${near}?`
    throw new InputError(`--profile ${name}: expected one of ${known.join(', ')}.${hint}`)
  }
  return known.filter((profile) => names.includes(profile)) as Profile[]
}
