// firewalld owns a FORWARD chain that rejects what no zone allows, and throws away rules of others in its tables when
// it is reloaded. flannel appends its accepts to FORWARD once and again every 5 s (flannel `network/iptables.go`, later
// `pkg/trafficmngr/iptables`, `SetupAndEnsure…`), behind those of firewalld. Whether it drops is judged by the rules
// themselves; that it runs is worth knowing, since guides for flannel stop it.
import { defineHostCheck } from '../define.ts'

export const check = defineHostCheck({
  id: 'daemon/firewall-service',
  title: 'Firewall service',
  backends: 'any',
  needs: ['services'],
  needsExpected: false,
  findings: {
    active: {
      severity: 'info',
      confidence: 'certain',
      says: 'firewalld runs on {host}: a reload may put a REJECT before the accepts of flannel and Docker',
      fix: 'Put the flannel link, the container bridge and the overlay port into the trusted zone (`firewall-cmd --permanent --zone=trusted --add-interface=LINK`), or stop firewalld if nothing else needs it.',
    },
  },
  *evaluate({ facts }) {
    const unit = facts.services.get('firewalld.service')
    if (unit?.activeState !== 'active') return
    yield {
      code: 'active',
      object: unit.name,
      expected: 'inactive, or zones for flannel',
      observed: `${unit.activeState} (${unit.subState})`,
    }
  },
})
