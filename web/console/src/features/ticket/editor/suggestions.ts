/** What opens at `/`, `:` and `@`: one menu, three sources. */
import { Extension, type Editor, type Range } from '@tiptap/core'
import type { MentionNodeAttrs } from '@tiptap/extension-mention'
import { PluginKey } from '@tiptap/pm/state'
import Suggestion, { type SuggestionOptions, type SuggestionProps } from '@tiptap/suggestion'
import { reactive } from 'vue'
import { fetchArticles } from '@/api/knowledge'
import { renderCannedReply } from '@/api/tickets'
import { useDirectory } from '@/shared/stores/directory.store'
import { usePreferences } from '@/shared/stores/preferences.store'
import { useNotices } from '@/shared/stores/notices.store'
import { useCanned } from '../canned.store'
import { useArticles } from '../panel/articles.store'
import { findEmoji } from './emoji'

export interface Choice {
  id: string
  label: string
  hint: string
}

export interface Menu {
  open: boolean
  choices: Choice[]
  chosen: number
  left: number
  top: number
  choose: (choice: Choice) => void
}

export function useSuggestionMenu(): Menu {
  return reactive({ open: false, choices: [], chosen: 0, left: 0, top: 0, choose: () => undefined })
}

function place<Picked>(menu: Menu, props: SuggestionProps<Choice, Picked>, picked: (choice: Choice) => Picked): void {
  const box = props.clientRect?.()
  menu.left = Math.min(box?.left ?? 0, window.innerWidth - 300)
  menu.top = box?.top ?? 0
  menu.choices = props.items
  menu.chosen = 0
  menu.choose = (choice) => props.command(picked(choice))
  menu.open = true
}

function keys(menu: Menu, event: KeyboardEvent): boolean {
  const many = menu.choices.length
  const chosen = menu.choices[menu.chosen]
  if (event.key === 'ArrowDown' && many) menu.chosen = (menu.chosen + 1) % many
  else if (event.key === 'ArrowUp' && many) menu.chosen = (menu.chosen + many - 1) % many
  else if ((event.key === 'Enter' || event.key === 'Tab') && chosen && !event.ctrlKey) menu.choose(chosen)
  else return false
  return true
}

function render<Picked>(menu: Menu, picked: (choice: Choice) => Picked): SuggestionOptions<Choice, Picked>['render'] {
  return () => ({
    onStart: (props) => place(menu, props, picked),
    onUpdate: (props) => place(menu, props, picked),
    onKeyDown: ({ event }) => keys(menu, event),
    onExit: () => (menu.open = false),
  })
}

type MentionSuggestion = Omit<SuggestionOptions<Choice, MentionNodeAttrs>, 'editor'>

export function mentionSuggestion(menu: Menu, enabled: () => boolean): MentionSuggestion {
  return {
    char: '@',
    pluginKey: new PluginKey('mention'),
    allow: enabled,
    items: ({ query }) =>
      useDirectory()
        .activeAgents.filter((agent) => agent.name.toLowerCase().includes(query.toLowerCase()))
        .slice(0, 8)
        .map((agent) => ({ id: agent.id, label: agent.name, hint: agent.email })),
    render: render(menu, ({ id, label }) => ({ id, label, mentionSuggestionChar: '@' })),
  }
}

interface SlashOptions {
  menu: Menu
  ticketId: () => string
  enabled: () => boolean
}

const ARTICLE = 'article:'

async function insertPicked(editor: Editor, range: Range, choice: Choice, ticket: string): Promise<void> {
  await useNotices().attempt(async () => {
    if (choice.id.startsWith(ARTICLE)) {
      editor.chain().focus().deleteRange(range).run()
      await useArticles(ticket).insertArticle(choice.id.slice(ARTICLE.length))
      return
    }
    const { html } = await renderCannedReply(choice.id, ticket)
    editor.chain().focus().deleteRange(range).insertContent(html).run()
  })
}

/** What was typed last wins, in whatever order the answers come. */
let asked = 0
let lastFound: Choice[] = []

async function findArticles(query: string, ticket: string): Promise<Choice[]> {
  const mine = ++asked
  const articles = query.length < 2
    ? useArticles(ticket).suggestions.map((one) => one.article)
    : (await fetchArticles({ q: query, locale: usePreferences().locale }).catch(() => ({ items: [] }))).items
  if (mine === asked) lastFound = articles.slice(0, 4).map(({ id, title, excerpt }) => ({ id: ARTICLE + id, label: title, hint: excerpt }))
  return lastFound
}

async function findInserts(query: string, ticket: string): Promise<Choice[]> {
  const canned = useCanned()
  await canned.loaded
  return [...canned.find(query).slice(0, 6).map((one) => ({ id: one.id, label: `/${one.shortcut}`, hint: one.title })), ...(await findArticles(query, ticket))]
}

export const Slash = Extension.create<SlashOptions>({
  name: 'slash',

  addProseMirrorPlugins() {
    const { menu, ticketId, enabled } = this.options
    return [
      Suggestion<Choice, Choice>({
        editor: this.editor,
        char: '/',
        pluginKey: new PluginKey('slash'),
        allow: enabled,
        items: ({ query }) => findInserts(query, ticketId()),
        command: ({ editor, range, props }) => void insertPicked(editor, range, props, ticketId()),
        render: render(menu, (choice) => choice),
      }),
    ]
  },
})

/** A colon and at least two letters: an emoji by its name. */
export const Colon = Extension.create<{ menu: Menu }>({
  name: 'colon',

  addProseMirrorPlugins() {
    const { menu } = this.options
    return [
      Suggestion<Choice, Choice>({
        editor: this.editor,
        char: ':',
        pluginKey: new PluginKey('colon'),
        items: ({ query }) => (query.length < 2 ? [] : findEmoji(query).slice(0, 8).map(({ name, sign }) => ({ id: sign, label: sign, hint: `:${name}` }))),
        command: ({ editor, range, props }) => editor.chain().focus().deleteRange(range).insertContent(props.id).run(),
        render: render(menu, (choice) => choice),
      }),
    ]
  },
})
