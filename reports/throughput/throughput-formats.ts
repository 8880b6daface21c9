/** Every output format of a Throughput document by name. */

import type { Canvas } from '../layout/canvas.ts'
import { printableJson } from '../layout/printable.ts'
import type { Throughput } from './throughput.ts'
import { throughputHtml } from './throughput-html.ts'
import { throughputMarkdown } from './throughput-markdown.ts'
import { throughputText } from './throughput-text.ts'

export const THROUGHPUT_FORMATS: Readonly<
  Record<string, (throughput: Throughput, canvas: Canvas) => string>
> = {
  text: throughputText,
  json: (throughput) => printableJson(throughput),
  markdown: throughputMarkdown,
  html: throughputHtml,
}
