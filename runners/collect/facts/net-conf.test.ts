import test from 'ava'
import { parsedValue } from '../saved/recorded-section.ts'
import { netConf } from './net-conf.ts'

test('the file and where flanneld has it; none where no flanneld of Kubernetes runs', (t) => {
  t.deepEqual(
    parsedValue(netConf, 'path=/etc/kube-flannel/net-conf.json\n{\n"Network": "10.244.0.0/16"\n}\n'),
    {
      file: { path: '/etc/kube-flannel/net-conf.json', text: '{\n"Network": "10.244.0.0/16"\n}' },
    },
  )
  t.deepEqual(parsedValue(netConf, ''), {})
})
