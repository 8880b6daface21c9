/** What a page does: copies commands, filters rows, unfolds what a link leads to. Without it everything can still be read. */
export const SCRIPT_TEXT = `
addEventListener('click', async (event) => {
  const button = event.target.closest('button.copy')
  if (!button) return
  const text = button.parentElement.querySelector('pre').textContent
  const say = (word) => { button.textContent = word; setTimeout(() => { button.textContent = 'Copy' }, 1600) }
  try { await navigator.clipboard.writeText(text); say('Copied') } catch {
    const range = document.createRange()
    range.selectNodeContents(button.parentElement.querySelector('pre'))
    getSelection().removeAllRanges(); getSelection().addRange(range); say('Selected')
  }
})
addEventListener('input', (event) => {
  const wanted = event.target.dataset?.filters
  if (!wanted) return
  const words = event.target.value.toLowerCase().split(' ').filter(Boolean)
  let shown = 0
  const list = document.getElementById(wanted)
  for (const row of list.tBodies ? list.tBodies[0].rows : list.querySelectorAll('.entry')) {
    const text = row.textContent.toLowerCase()
    row.hidden = !words.every((word) => text.includes(word))
    if (!row.hidden) shown += 1
  }
  document.getElementById(wanted + '-count').textContent = shown + ' shown'
  for (const part of list.querySelectorAll('section')) part.hidden = !part.querySelector('.entry:not([hidden])')
})
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target?.tagName === 'DETAILS') target.open = true
}
addEventListener('hashchange', unfold)
unfold()
`
