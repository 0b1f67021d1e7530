/** What a field of a setting is called: by itself, or as a part of a whole (`capacity.mail`, `settings.imap_host`). */
import { useI18n } from 'vue-i18n'

/** These hold what has a name of its own. */
const WHOLES = new Set(['settings', 'secrets', 'rules'])

export function useFieldWords(): (field: string) => string {
  const { t, te } = useI18n()

  function word(name: string): string {
    const key = [`settingFields.${name}`, `channels.${name}`].find((one) => te(one))
    return key ? t(key) : name
  }

  return (field) => {
    const [whole = '', ...rest] = field.split('.')
    const part = rest.join('.')
    if (!part) return word(whole)
    return WHOLES.has(whole) ? word(part) : `${word(whole)}: ${whole === 'skills' ? part : word(part)}`
  }
}
