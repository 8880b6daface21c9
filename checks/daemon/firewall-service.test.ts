import anyTest from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { builtServices, builtUnit } from '../../fixtures/build-services.ts'
import type { ServiceUnit } from '../model/service-unit.ts'
import { testCheck } from '../tester.ts'
import { check } from './firewall-service.ts'

const withFirewall = (changes: Partial<ServiceUnit>) =>
  withHost(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', () => ({
    services: builtServices(builtUnit('firewalld.service', changes)),
  }))

testCheck(anyTest, check, {
  passes: [
    { name: 'not installed', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'stopped', cluster: () => withFirewall({ activeState: 'inactive', subState: 'dead' }) },
  ],
  fails: [{ name: 'active', cluster: () => withFirewall({}), findings: ['h1 active firewalld.service'] }],
})

anyTest('it is for information only', (t) => {
  t.is((check.findings as Record<string, { severity: string }>).active?.severity, 'info')
})
