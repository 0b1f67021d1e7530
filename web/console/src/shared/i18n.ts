/** The console's languages: English is always there, the others arrive when chosen. */
import type { Ref } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Locale } from '@/api/schema'
import en from '@/locales/en/index'

export const LOCALES: readonly Locale[] = ['en', 'uk', 'ru']
export const LOCALE_NAMES: Record<Locale, string> = { en: 'English', uk: 'Українська', ru: 'Русский' }

/** Forms are written `one | few | many`; which one fits is the language's own rule (CLDR). */
function slavicForm(locale: Locale): (count: number, forms: number) => number {
  const rules = new Intl.PluralRules(locale)
  return (count, forms) => {
    const form = { one: 0, few: 1 }[rules.select(count) as string] ?? 2
    return Math.min(form, forms - 1)
  }
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as string,
  fallbackLocale: 'en',
  messages: { en },
  pluralRules: { uk: slavicForm('uk'), ru: slavicForm('ru') },
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
})

const LOADERS: Record<Exclude<Locale, 'en'>, () => Promise<{ default: typeof en }>> = {
  uk: () => import('@/locales/uk/index'),
  ru: () => import('@/locales/ru/index'),
}

export function isLocale(value: string): value is Locale {
  return (LOCALES as readonly string[]).includes(value)
}

export async function useLanguage(locale: Locale): Promise<void> {
  if (locale !== 'en' && !i18n.global.availableLocales.includes(locale as never)) {
    const loaded = await LOADERS[locale]()
    i18n.global.setLocaleMessage(locale as 'en', loaded.default)
  }
  const current: Ref<string> = i18n.global.locale
  current.value = locale
  document.documentElement.lang = locale
}
