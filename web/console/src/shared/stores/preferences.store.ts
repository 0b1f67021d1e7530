/** What this browser remembers about its user: theme and language. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import type { Locale } from '@/api/schema'
import { isLocale, useLanguage } from '@/shared/i18n'

export type Theme = 'system' | 'light' | 'dark'

function remembered(key: string): string {
  return localStorage.getItem(`console.${key}`) ?? ''
}

function firstLocale(): Locale {
  const wishes = [remembered('locale'), ...navigator.languages.map((tag) => tag.slice(0, 2))]
  return wishes.find(isLocale) ?? 'en'
}

export const usePreferences = defineStore('preferences', () => {
  const theme = ref<Theme>((remembered('theme') as Theme) || 'system')
  const locale = ref<Locale>(firstLocale())
  const narrowRail = ref(remembered('rail') === 'narrow')

  function showTheme(): void {
    if (theme.value === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme.value
  }

  function keep(key: string, value: string): void {
    localStorage.setItem(`console.${key}`, value)
  }

  watch(theme, (value) => (keep('theme', value), showTheme()))
  watch(locale, (value) => (keep('locale', value), void useLanguage(value)))
  watch(narrowRail, (value) => keep('rail', value ? 'narrow' : 'wide'))

  async function apply(): Promise<void> {
    showTheme()
    await useLanguage(locale.value)
  }

  return { theme, locale, narrowRail, apply }
})
