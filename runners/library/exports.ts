/** Everything that `import … from 'flannel-doctor'` gives. */
export type {
  Confidence,
  Effect,
  Evidence,
  Explains,
  Outcome,
  Severity,
  Subject,
} from '../../checks/check.ts'
export type { Finding } from '../../checks/finding.ts'
export type {
  Absence,
  ClusterSnapshot,
  DatastoreFacts,
  Fact,
  HostFacts,
  HostSnapshot,
} from '../../checks/model/snapshot.ts'
export { exitCode } from '../../reports/document/exit-code.ts'
export type {
  Report,
  ReportCause,
  Reporter,
  ReportFinding,
  ReportHost,
  ReportResult,
  ReportTrace,
} from '../../reports/document/report.ts'
export { InputError } from '../input-error.ts'
export {
  checkNetwork,
  type Judged,
  type JudgeOptions,
  type NetworkOptions,
  replay,
  type TraceOptions,
  trace,
} from './network.ts'
export { type RenderOptions, render } from './render.ts'
