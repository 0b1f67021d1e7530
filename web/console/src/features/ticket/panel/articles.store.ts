/** Articles beside the ticket: suggested from its text, linked to it, or searched for. */
import { computed, ref, watch } from 'vue'
import { fetchArticle, fetchArticles } from '@/api/knowledge'
import type { ArticleBrief, ArticleView, Id, Locale, Suggestion } from '@/api/schema'
import { fetchSuggestions, linkArticle, unlinkArticle } from '@/api/tickets'
import { useDrafts } from '../drafts.store'
import { useInserts } from '../inserts.store'
import { perTicket } from '../per-ticket'
import { useTicket } from '../ticket.store'
import { calmly } from '@/shared/calmly'
import { isLocale } from '@/shared/i18n'
import { usePreferences } from '@/shared/stores/preferences.store'

export const useArticles = perTicket((about: Id) => {
  const ticket = useTicket(about)
  const drafts = useDrafts(about)
  const inserts = useInserts(about)
  const preferences = usePreferences()
  const suggestions = ref<Suggestion[]>([])
  const found = ref<ArticleBrief[] | null>(null)
  const linked = computed(() => new Set(ticket.view?.articles.map((article) => article.id) ?? []))

  /** The client's language, as far as known; otherwise the agent's. */
  function language(): Locale {
    const theirs = ticket.view?.client.locale ?? ''
    return isLocale(theirs) ? theirs : preferences.locale
  }

  async function load(): Promise<void> {
    suggestions.value = await fetchSuggestions(about, language()).catch(() => [])
  }

  async function search(words: string): Promise<void> {
    found.value = words.trim() ? (await fetchArticles({ q: words.trim(), locale: language() })).items : null
  }

  function textOf(article: ArticleView): string {
    const text = article.texts.find((one) => one.locale === language()) ?? article.texts[0]
    return text?.html ?? ''
  }

  function insert(id: Id, html: string): void {
    inserts.add(html)
    drafts.change({ articles: [...new Set([...drafts.draft.articles, id])] }, true)
  }

  /** Puts the n-th suggestion (from 0) into the answer. */
  function insertSuggestion(index: number): void {
    const suggestion = suggestions.value[index]
    if (suggestion) insert(suggestion.article.id, suggestion.html)
  }

  async function insertArticle(id: Id): Promise<void> {
    const known = suggestions.value.find((one) => one.article.id === id)
    insert(id, known?.html ?? textOf(await fetchArticle(id)))
  }

  async function link(id: Id, yes: boolean): Promise<void> {
    await (yes ? linkArticle(about, id) : unlinkArticle(about, id))
    await ticket.load()
  }

  /** After the words themselves, which somebody waits for. */
  const soon = calmly(() => void load(), 4_000, 800)
  watch(
    () => [ticket.view?.ticket.id, ticket.lastInbound?.id] as const,
    ([id], before) => {
      found.value = null
      if (id && id !== before?.[0]) void load()
      else if (id) soon()
    },
    { immediate: true },
  )

  return { suggestions, found, linked, search, insertSuggestion, insertArticle, link }
})
