/** An article while it is edited: one text per language, only the written ones are sent. */
import { reactive, ref, type Ref } from 'vue'
import { addArticle, changeArticle, fetchArticle } from '@/api/knowledge'
import type { ArticleTextBody, ArticleView, Id, Locale } from '@/api/schema'
import { LOCALES } from '@/shared/i18n'

interface Fields {
  slug: string
  category_id: string
  visibility: 'internal' | 'public'
  texts: Record<Locale, { title: string; markdown: string }>
}

export interface ArticleForm {
  fields: Fields
  article: Ref<ArticleView | null>
  dirty: Ref<boolean>
  load: (id: Id) => Promise<void>
  save: () => Promise<ArticleView>
  publish: (yes: boolean) => Promise<void>
}

const emptyTexts = (): Fields['texts'] => ({
  en: { title: '', markdown: '' },
  uk: { title: '', markdown: '' },
  ru: { title: '', markdown: '' },
})

export function useArticleForm(): ArticleForm {
  const article = ref<ArticleView | null>(null)
  const dirty = ref(false)
  const fields = reactive<Fields>({ slug: '', category_id: '', visibility: 'internal', texts: emptyTexts() })

  function fill(found: ArticleView): void {
    article.value = found
    fields.slug = found.slug
    fields.category_id = found.category_id ?? ''
    fields.visibility = found.visibility
    fields.texts = emptyTexts()
    for (const text of found.texts) fields.texts[text.locale] = { title: text.title, markdown: text.markdown }
    dirty.value = false
  }

  function texts(): ArticleTextBody[] {
    return LOCALES.map((locale) => ({ locale, ...fields.texts[locale] })).filter((text) => text.title.trim())
  }

  async function save(): Promise<ArticleView> {
    const known = article.value
    const category = fields.category_id || null
    const common = { texts: texts(), category_id: category, visibility: fields.visibility }
    const saved =
      known === null
        ? await addArticle({ ...common, slug: fields.slug })
        : await changeArticle(known.id, { ...common, version: known.version, ...(fields.slug ? { slug: fields.slug } : {}) })
    fill(saved)
    return saved
  }

  async function publish(yes: boolean): Promise<void> {
    const known = article.value
    if (known) fill(await changeArticle(known.id, { version: known.version, state: yes ? 'published' : 'draft' }))
  }

  const load = async (id: Id): Promise<void> => fill(await fetchArticle(id))
  return { fields, article, dirty, load, save, publish }
}
