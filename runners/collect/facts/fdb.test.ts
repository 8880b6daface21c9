import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { fdb } from './fdb.ts'

const recorded = (state: string, host = 'h1') => parsedValue(fdb, recordedText(state, host, 'fdb'))

test('FDB entries of the VTEP name the underlay address of the peer', (t) => {
  t.deepEqual(
    recorded('v0.10.0-vxlan').filter(({ link }) => link === 'flannel.1'),
    [
      {
        mac: '5a:de:6b:0c:f7:f2',
        link: 'flannel.1',
        destination: '192.168.177.3',
        flags: ['self'],
        state: 'permanent',
      },
      {
        mac: 'c2:c9:eb:1f:8a:bb',
        link: 'flannel.1',
        destination: '192.168.177.2',
        flags: ['self'],
        state: 'permanent',
      },
    ],
  )
})

for (const host of ['h1', 'h2', 'h3']) {
  test(`the plain form of fdb of ${host} says the same as its JSON form`, (t) => {
    t.deepEqual(recorded('v0.10.0-vxlan-plain', host), recorded('v0.10.0-vxlan', host))
  })
}

const OWN_WAY = '02:00:00:00:00:07 dev flannel.1 dst 192.0.2.11 port 4789 vni 77 via docker0 self permanent'
const OWN_WAY_JSON =
  '[{"mac":"02:00:00:00:00:07","ifname":"flannel.1","dst":"192.0.2.11","port":4789,"vni":77,"viaIf":"docker0","flags":["self"],"state":"permanent"}]'

test('an entry with a port, a VNI and a link of its own, in both forms', (t) => {
  const [plain] = parsedValue(fdb, OWN_WAY)
  t.like(plain, { destination: '192.0.2.11', port: 4789, vni: 77, via: 'docker0' })
  t.deepEqual(parsedValue(fdb, OWN_WAY_JSON), [plain])
})

test('an entry that leads to a nexthop object, in both forms', (t) => {
  const [plain] = parsedValue(fdb, '02:00:00:00:00:07 dev flannel.1 nhid 10 self permanent')
  t.is(plain?.nexthop, 10)
  const json =
    '[{"mac":"02:00:00:00:00:07","ifname":"flannel.1","nhid":10,"flags":["self"],"state":"permanent"}]'
  t.deepEqual(parsedValue(fdb, json), [plain])
})

test('text of another command is no fdb', (t) => {
  t.throws(() => parsedValue(fdb, 'Usage: bridge fdb'), { message: /not a line of bridge fdb/ })
})
