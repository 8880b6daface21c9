import test from 'ava'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { ipvs } from './ipvs.ts'

/** As `ip_vs_info_seq_show` prints it. */
const PRINTED = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A60000A:0050 rr  
  -> 0AF40102:1F90      Masq    1      0          0         
  -> 0AF40202:1F90      Masq    0      3          12        
UDP  0A60000A:0035 rr  
TCP  C000020B:7580 rr  persistent 10800 FFFFFFFF
  -> 0AF40102:1F90      Masq    1      0          0         
TCP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0050 rr  
  -> [fd00:0000:0000:0000:0000:0000:0000:0002]:1F90      Masq    1      0          0         
FWM  00000001 wlc  
  -> 0AF40109:1F90      Route   1      0          0         
`

test('services and their ends, without those of IPv6 and of marks', (t) => {
  const end = { address: 0x0af40102, port: 8080, forward: 'Masq', weight: 1 }
  t.deepEqual(parsedValue(ipvs, PRINTED), [
    {
      protocol: 'tcp',
      address: 0x0a60000a,
      port: 80,
      scheduler: 'rr',
      destinations: [end, { ...end, address: 0x0af40202, weight: 0 }],
    },
    { protocol: 'udp', address: 0x0a60000a, port: 53, scheduler: 'rr', destinations: [] },
    { protocol: 'tcp', address: 0xc000020b, port: 30080, scheduler: 'rr', destinations: [end] },
  ])
})

test('no table is an empty one, another text is a problem', (t) => {
  t.deepEqual(parsedValue(ipvs, ''), [])
  t.deepEqual(parsedValue(ipvs, PRINTED.split('\n').slice(0, 3).join('\n')), [])
  t.true('problem' in ipvs.parse(sectionOf('ipvs', 'Permission denied')))
})
