// A stopped process (SIGSTOP, a debugger, a container engine that pauses) keeps its socket and its tun link, so all
// looks alive. With udp it carries every packet and nothing passes (`pkg/backend/udp/proxy_amd64.c`); with the
// other backends the kernel goes on (with vxlan before v0.9.0 for as long as its neighbour entries last), while no peer is followed and the lease is not renewed (`main.go`, `MonitorLease`).
import { defineHostCheck } from '../define.ts'
import { isSince } from '../expected/generation.ts'
import { isVtep } from '../expected/vtep-link.ts'
import { run } from '../heal/steps.ts'
import { isTun } from '../trace/walk/links.ts'

const FIX =
  'Let it go on: `kill -CONT {pid}`, or unpause its container; look for a debugger or a supervisor that stopped it.'

const WAITS = 'every packet of the overlay waits in it'
/** Up to v0.8.0 the kernel asks flanneld for each peer (`L3 miss`, `backend/vxlan/network.go`); what it knows ages within a minute. */
const UNANSWERED =
  'before v0.9.0 the kernel asks it for every peer that it has not reached of late: packets to these are lost'

export const check = defineHostCheck({
  id: 'daemon/process-state',
  title: 'flanneld goes on',
  backends: 'any',
  needs: ['flanneld', 'links'],
  needsExpected: false,
  findings: {
    stopped: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'flanneld (pid {pid}) on {host} is stopped by a signal, and {lost}',
      fix: FIX,
      heal: [run('kill -CONT {pid}', 'flanneld goes on', 'kill -STOP {pid}')],
      explains: [{ code: 'lease/time-to-live:expiring', when: 'same-host' }],
    },
    paused: {
      severity: 'warning',
      effect: 'risk',
      confidence: 'certain',
      says: 'flanneld (pid {pid}) on {host} is stopped by a signal: packets pass, but peers are not followed and the lease is not renewed',
      fix: FIX,
      heal: [run('kill -CONT {pid}', 'flanneld goes on', 'kill -STOP {pid}')],
    },
  },
  *evaluate({ facts: { flanneld, links }, sources }) {
    const isCarrier = links.some(isTun)
    for (const { pid, isStopped, version } of flanneld.processes) {
      if (isStopped !== true) continue
      const isAsked = links.some(isVtep) && isSince(version, 'v0.9.0') === false
      const code = isCarrier || isAsked ? 'stopped' : 'paused'
      const lost = isCarrier ? WAITS : UNANSWERED
      const evidence = [{ source: sources.flanneld, excerpt: 'state=T' }]
      yield { code, object: 'flanneld', expected: 'runs', observed: 'state T', data: { pid, lost }, evidence }
    }
  },
})
