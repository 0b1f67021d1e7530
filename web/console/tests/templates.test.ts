import { describe, expect, it } from 'vitest'
import type { TemplateView } from '@/api/schema'
import { filled, flawOf, isComplete, languagesOf, placeOf, rendered, search } from '@/shared/templates/template'

function template(more: Partial<TemplateView> = {}): TemplateView {
  return {
    id: '1', account_id: '2', name: 'order_ready', language: 'en', category: 'utility', status: 'approved', usable: true, unusable: '',
    header: 'No. {{header.1}}', body: 'Hello {{body.1}}', footer: 'Shop', buttons: ['Where → https://a.example/{{button.0.1}}'],
    variables: ['header.1', 'body.1', 'button.0.1'].map((key) => ({ key, example: '', link: false })),
    seen_at: '2030-01-01T00:00:00Z', ...more,
  }
}

describe('a template', () => {
  const values = { 'header.1': '42', 'body.1': ' Ann ', 'button.0.1': 'x' }

  it('reads as the client will see it', () => {
    expect(rendered(template(), values)).toBe('No. 42\n\nHello Ann\n\nShop\n\n[Where → https://a.example/x]')
  })

  it('shows what is still open', () => {
    expect(filled('Hello {{body.first_name}}', {})).toBe('Hello {first_name}')
  })

  it('is complete when every value is there, on one line, and a link is one', () => {
    expect(isComplete(template(), values)).toBe(true)
    expect(isComplete(template(), { ...values, 'body.1': ' ' })).toBe(false)
    expect(isComplete(template({ usable: false }), values)).toBe(false)
    expect([flawOf('a\nb', false), flawOf('a     b', false), flawOf('http://a', true), flawOf('https://a.example', true)]).toEqual(['gap', 'gap', 'link', null])
  })

  it('is found by its words and language, what can be sent first', () => {
    const paused = template({ id: '2', usable: false })
    const other = template({ id: '3', name: 'sale', language: 'uk', body: 'Знижки' })
    const all = [paused, template(), other]
    expect(search(all, 'hello READY', '').map((one) => one.id)).toEqual(['1', '2'])
    expect(search(all, '', 'uk').map((one) => one.id)).toEqual(['3'])
    expect(languagesOf(all)).toEqual(['en', 'uk'])
  })

  it('says where a variable stands', () => {
    expect([placeOf('header.1'), placeOf('button.0.1'), placeOf('body.1'), placeOf('1')]).toEqual(['header', 'button', '', ''])
  })
})
