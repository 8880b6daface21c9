/** `--profile`: names of profiles, refused before anything is collected. */
import { PROFILES, type Profile } from '../../checks/clauses/clause.ts'
import { InputError } from '../input-error.ts'
import { nearestName } from '../nearest-name.ts'

const isProfile = (name: string): name is Profile => (PROFILES as readonly string[]).includes(name)

/** The profiles asked for, each once, in the order of profiles. Throws InputError for a name that is none. */
export function claimedProfiles(names: readonly string[]): readonly Profile[] {
  for (const name of names.filter((each) => !isProfile(each))) {
    const near = nearestName(name, PROFILES)
    const hint = near === undefined ? '' : ` Did you mean ${near}?`
    throw new InputError(`--profile ${name}: expected one of ${PROFILES.join(', ')}.${hint}`)
  }
  return PROFILES.filter((profile) => names.includes(profile))
}
