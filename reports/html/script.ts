/** What a page does: copies commands, filters rows. Without it everything can still be read. */
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
  for (const row of document.getElementById(wanted).tBodies[0].rows) {
    const text = row.textContent.toLowerCase()
    row.hidden = !words.every((word) => text.includes(word))
    if (!row.hidden) shown += 1
  }
  document.getElementById(wanted + '-count').textContent = shown + ' shown'
})
`
