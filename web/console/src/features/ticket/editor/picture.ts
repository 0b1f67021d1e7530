/** A picture inside the text: shown from its upload, sent inside the mail. */
import { mergeAttributes, Node } from '@tiptap/core'

/** Only our own uploads are pictures of an answer; nothing pasted makes the browser ask another server. */
const OURS = /^\/api\/v1\/attachments\/[0-9a-f-]{36}$/

export const Picture = Node.create({
  name: 'picture',
  group: 'inline',
  inline: true,
  draggable: true,

  addAttributes() {
    return { src: { default: null }, alt: { default: '' } }
  },

  parseHTML() {
    return [{ tag: 'img[src]', getAttrs: (image) => (OURS.test(image.getAttribute('src') ?? '') ? null : false) }]
  },

  renderHTML({ HTMLAttributes }) {
    return ['img', mergeAttributes(HTMLAttributes)]
  },
})

/** What the browser can show and every mail program, too. */
export function isPicture(file: { type: string }): boolean {
  return /^image\/(png|jpeg|gif|webp)$/.test(file.type)
}
