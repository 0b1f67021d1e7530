import { describe, expect, it } from 'vitest'
import type { TimelineItem } from '../src/api/schema'
import { parted } from '../src/shared/client/timeline'

const MINUTE = Date.parse('2030-01-07T09:15:00Z')
const item = (at: string, planned = false): TimelineItem => ({ at, planned }) as TimelineItem

describe('the line of now', () => {
  it.each([
    ['what came a moment ago, in this very minute', item('2030-01-07T09:15:42Z'), 'past'],
    ['what came before', item('2030-01-06T10:00:00Z'), 'past'],
    ['what is to come in the next minute', item('2030-01-07T09:16:00Z'), 'planned'],
    ['what was planned and is late', item('2030-01-07T09:00:00Z', true), 'planned'],
  ])('%s stands where it belongs', (_, one, where) => {
    expect(parted([one], MINUTE)[where as 'past' | 'planned']).toEqual([one])
  })

  it('has the newest first on both sides', () => {
    const [early, late] = [item('2030-01-06T10:00:00Z'), item('2030-01-06T11:00:00Z')]

    expect(parted([early, late], MINUTE).past).toEqual([late, early])
  })
})
