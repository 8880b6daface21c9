/** A judged report with its claims: clauses, profiles and the certificate over all. */

import { runningOf } from '../../checks/clauses/applies.ts'
import { applyingProfiles } from '../../checks/clauses/applying-profiles.ts'
import { type Claim, type ClaimSettings, claimOf } from '../../checks/clauses/claim.ts'
import type { Profile } from '../../checks/clauses/clause.ts'
import { type Acted, isAbout, judgeClauses } from '../../checks/clauses/judge-clauses.ts'
import type { JudgedClause } from '../../checks/clauses/judge-static.ts'
import { PROFILE_SAYS, pluginProfileSays } from '../../checks/clauses/profiles.ts'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { CHECKS } from '../../checks/registry.ts'
import type { ClaimVerdict, ReportClaim, ReportClause } from '../../reports/document/certificate.ts'
import type { Report } from '../../reports/document/report.ts'
import type { LoadedPlugins } from '../plugins/loaded-plugins.ts'
import { environmentOf } from './environment.ts'

/** What is claimed and how. */
export interface CertifySettings {
  /** Empty: those that apply. */
  readonly profiles: readonly Profile[]
  readonly strict: boolean
  /** What actions showed; undefined when none was allowed. */
  readonly acted?: Acted
  readonly plugins?: Pick<LoadedPlugins, 'checks' | 'clauses'>
}

function reportClause({ clause, status, reason, breaches }: JudgedClause): readonly ReportClause[] {
  if (status === 'outside') return []
  const { id, level, says, source, proof } = clause
  return [
    {
      id,
      level,
      says,
      source,
      proof: proof.kind,
      status,
      ...present({ reason }),
      breaches: breaches.map(({ code, subject, message, expected, observed, fix }) => ({
        code,
        subject,
        message,
        ...present({ expected, observed }),
        fix,
      })),
    },
  ]
}

function reportClaim({ profile, verdict, reason, clauses, outside }: Claim): ReportClaim {
  return {
    profile,
    says: PROFILE_SAYS[profile] ?? pluginProfileSays(profile),
    verdict,
    ...present({ reason }),
    clauses: clauses.flatMap(reportClause),
    outside: outside.map(({ clause, reason: why }) => ({ id: clause.id, reason: why ?? '' })),
  }
}

/** Not conformant beats undecided, undecided beats conformant; nothing claimed is undecided. */
function overall(claims: readonly Claim[]): ClaimVerdict {
  const verdicts = claims.map(({ verdict }) => verdict)
  if (verdicts.includes('not-conformant')) return 'not-conformant'
  return verdicts.includes('undecided') || verdicts.length === 0 ? 'undecided' : 'conformant'
}

/** Names of the scenarios that clauses of these profiles need on this network. */
export function scenariosFor(snapshot: ClusterSnapshot, profiles: readonly Profile[]): readonly string[] {
  const running = runningOf(snapshot)
  const asked = profiles.length > 0 ? profiles : applyingProfiles(snapshot, true)
  return [
    ...new Set(
      CLAUSES.filter((clause) => clause.profiles.some((profile) => asked.includes(profile)))
        .filter((clause) => isAbout(clause, running))
        .flatMap(({ proof }) => (proof.kind === 'dynamic' ? [proof.scenario] : [])),
    ),
  ]
}

/** The report with a claim for every profile asked for, or for every one that applies. */
export function certify(report: Report, snapshot: ClusterSnapshot, settings: CertifySettings): Report {
  const { strict, acted, plugins = { checks: [], clauses: [] } } = settings
  const seen = { running: runningOf(snapshot), results: report.results, ...present({ acted }) }
  const judged = judgeClauses([...CLAUSES, ...plugins.clauses], seen, [...CHECKS, ...plugins.checks])
  const how: ClaimSettings = { strict, acted: acted !== undefined }
  const ofPlugins = new Set(plugins.clauses.flatMap((clause) => clause.profiles))
  const applying = [...applyingProfiles(snapshot, how.acted), ...ofPlugins]
  const profiles = settings.profiles.length > 0 ? settings.profiles : applying
  const claims = profiles.map((profile) => claimOf(profile, judged, how))
  return {
    ...report,
    conformance: claims.map(reportClaim),
    certificate: { verdict: overall(claims), ...how, environment: environmentOf(snapshot, report.run) },
  }
}
