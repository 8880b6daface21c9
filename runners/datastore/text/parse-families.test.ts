import test from 'ava'
import { parseConfig } from './parse-config.ts'

function problemOf(config: object): string | undefined {
  const parsed = parseConfig(JSON.stringify({ Network: '10.1.0.0/16', ...config }))
  return 'value' in parsed ? parsed.value.familyProblem : 'no value'
}

test('what only newer versions refuse of IPv4 and IPv6 is no problem of every version', (t) => {
  t.is(problemOf({ EnableIPv6: true }), 'EnableIPv6 is true and IPv6Network is missing')
  t.is(problemOf({ EnableIPv4: false }), 'EnableIPv4 and EnableIPv6 are both false')
  t.is(problemOf({ EnableIPv6: true, IPv6Network: 'fd00:7::/48' }), undefined)
  t.is(problemOf({ EnableIPv6: false, IPv6Network: 'x' }), undefined)
  t.regex(problemOf({ EnableIPv6: true, IPv6Network: '10.0.0.0/8' }) ?? '', /must be an IPv6 CIDR/)
})
