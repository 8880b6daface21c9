import test from 'ava'
import { configFile } from './cni-config.ts'

/** What flannel's plugin refuses of a configuration with this in it. */
function refused(delegate: unknown): readonly string[] | undefined {
  const json = JSON.stringify({ name: 'cbr0', plugins: [{ type: 'flannel', delegate }, { type: 'portmap' }] })
  return configFile('10-flannel.conflist', json).plugins[0]?.refused
}

test('a delegate as the manifest has it, or none, is not refused', (t) => {
  for (const delegate of [
    { hairpinMode: true, isDefaultGateway: true },
    {},
    null,
    { type: 'ptp', mtu: 1400 },
  ])
    t.is(refused(delegate), undefined)
})

test('keys that the plugin sets itself, and values that it cannot read, are told', (t) => {
  t.deepEqual(refused({ ipam: { type: 'host-local' }, name: 'x' }), [
    'its delegate has name',
    'its delegate has ipam',
  ])
  t.deepEqual(refused({ isDefaultGateway: 'true', mtu: '1400' }), [
    'isDefaultGateway is not true or false',
    'mtu is not a whole number',
  ])
  t.deepEqual(refused({ type: 7 }), ['type is not a text'])
  t.deepEqual(refused([]), ['delegate is not an object'])
})

test('of another delegate only what flannel itself refuses is known', (t) => {
  t.deepEqual(refused({ type: 'macvlan', mtu: 'auto', ipam: {} }), ['its delegate has ipam'])
})
