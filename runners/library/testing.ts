/** Everything that `import … from 'flannel-doctor/testing'` gives: to test the checks of a plugin, without any host. */
export type { Case, CheckTable, FailingCase } from '../../checks/check-table.ts'
export type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
export { type BuildOptions, buildCluster, withConfig, withHost, withoutFact } from '../../fixtures/build.ts'
export { checkTester, type TestFunction, withSection } from '../plugins/check-tester.ts'
