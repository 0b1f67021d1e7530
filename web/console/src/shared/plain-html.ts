/** Between plain text and simple HTML. */

/** Plain text as paragraphs, every sign escaped. */
export function toHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return escaped
    .split(/\n{2,}/)
    .map((part) => `<p>${part.replaceAll('\n', '<br>')}</p>`)
    .join('')
}

/** The words of simple HTML, paragraphs kept apart. */
export function fromHtml(html: string): string {
  const broken = html.replace(/<br\s*\/?>/gi, '\n').replace(/<\/(p|li|h\d|blockquote|div)>/gi, '\n\n')
  const document = new DOMParser().parseFromString(broken, 'text/html')
  return (document.body.textContent ?? '').replace(/\n{3,}/g, '\n\n').trim()
}
