import test from 'ava'
import { html } from './html-template.ts'

test('a template escapes texts and numbers, and takes templates as they are', (t) => {
  const cells = ['<a>', '&'].map((text) => html`<td>${text}</td>`)
  t.is(
    html`<tr title="${'"x"'}">${cells}${1.5}</tr>`.markup,
    '<tr title="&quot;x&quot;"><td>&lt;a&gt;</td><td>&amp;</td>1.5</tr>',
  )
})
