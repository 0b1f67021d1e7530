import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from '../src/api/client'
import { errorText } from '../src/shared/error-text'
import { useLanguage } from '../src/shared/i18n'

const refused = (code: string, message: string): string => errorText(new ApiError(code, message, '', 422))

afterEach(() => useLanguage('en'))

describe('a refusal', () => {
  it('is the server’s own sentence in English', () => {
    expect(refused('invalid', 'this shortcut is taken')).toBe('this shortcut is taken')
  })

  it('begins in the reader’s language and keeps what only the server knows', async () => {
    await useLanguage('uk')

    expect(refused('invalid', 'this shortcut is taken')).toBe('Це значення не підходить. (this shortcut is taken)')
    expect(refused('forbidden', 'Your role does not allow this')).toBe('Ваша роль цього не дозволяє.')
  })

  it('with a reason that we know is said in the reader’s language alone', async () => {
    const error = new ApiError('conflict', 'this call is over', '', 409, 'phone.over')
    expect(errorText(error)).toBe('This call is over.')
    await useLanguage('uk')

    expect(errorText(error)).toBe('Цей дзвінок завершено.')
    expect(errorText(new ApiError('conflict', 'this is new', '', 409, 'phone.brand_new'))).toContain('(this is new)')
  })

  it('of a kind nobody knows yet is still said', async () => {
    await useLanguage('ru')

    expect(refused('brand_new', 'not on Sundays')).toBe('Этого сделать нельзя. (not on Sundays)')
    expect(errorText(new ApiError('brand_new', '', '', 500))).toBe('На сервере произошла ошибка. Попробуйте чуть позже.')
  })
})
