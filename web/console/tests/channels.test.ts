import { describe, expect, it } from 'vitest'
import type { ReplyRoute } from '../src/api/schema'
import { excessOf, fileExcess } from '../src/features/ticket/limits'
import { CHANNELS, channelIcon } from '../src/shared/channels'
import { i18n } from '../src/shared/i18n'

describe('what a channel cannot carry', () => {
  const limits = { text_chars: 100, beside_files_chars: 10, files: 2, file_bytes: 1_048_576, all_files_bytes: 1_500_000, formatting: 'plain' }
  const route = { limits } as unknown as ReplyRoute
  const file = (size: number): { name: string; size: number } => ({ name: 'a.png', size })

  it('is counted in words, not in markup, and shown only when the room gets small', () => {
    expect(excessOf(route, `<p><b>${'x'.repeat(40)}</b></p>`, 0)).toBeNull()
    expect(excessOf(route, `<p>${'x'.repeat(90)}</p>`, 0)).toEqual({ chars: 90, most: 100, over: 0, beside: false })
    expect(excessOf(route, `<p>${'x'.repeat(101)}</p>`, 0)?.over).toBe(1)
    expect(excessOf(null, 'x', 0)).toBeNull()
  })

  it('says when the text would fit without its files', () => {
    expect(excessOf(route, `<p>${'x'.repeat(50)}</p>`, 1)).toEqual({ chars: 50, most: 10, over: 40, beside: true })
  })

  it('is said of files by number, by size and together', () => {
    expect(fileExcess(route, [file(1), file(1), file(1)])?.key).toBe('manyFiles')
    expect(fileExcess(route, [file(2_000_000)])?.key).toBe('largeFile')
    expect(fileExcess(route, [file(1_000_000), file(1_000_000)])?.key).toBe('largeFiles')
    expect(fileExcess(route, [file(1_000_000)])).toBeNull()
  })
})

describe('every channel', () => {
  it('has an icon of its own and a name', () => {
    expect(new Set([...CHANNELS, 'nobody'].map(channelIcon)).size).toBe(CHANNELS.length + 1)
    expect(CHANNELS.filter((channel) => !i18n.global.te(`channels.${channel}`))).toEqual([])
  })
})
