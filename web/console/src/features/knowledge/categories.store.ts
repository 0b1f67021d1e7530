/** Categories of the knowledge base, in their order, with a name in every language. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { addCategory, changeCategory, fetchCategories, removeCategory } from '@/api/knowledge'
import type { CategoryView, Id, NewCategory } from '@/api/schema'
import { onEntry } from '@/shared/stores/live.store'

export const useCategories = defineStore('categories', () => {
  const categories = ref<CategoryView[]>([])

  async function load(): Promise<void> {
    categories.value = await fetchCategories().catch(() => categories.value)
  }

  /** In the reader's language, or in any there is. */
  function nameOf(id: Id, locale: string): string {
    const names = categories.value.find((category) => category.id === id)?.names ?? {}
    return names[locale] ?? names['en'] ?? Object.values(names)[0] ?? ''
  }

  async function save(id: Id | null, body: NewCategory): Promise<void> {
    await (id === null ? addCategory(body) : changeCategory(id, body))
    await load()
  }

  async function remove(id: Id): Promise<void> {
    await removeCategory(id)
    await load()
  }

  onEntry(['CategoryChanged'], () => void load())
  return { categories, load, nameOf, save, remove }
})
