/** What of a client's timeline lies ahead, and what has been. */
import type { TimelineItem } from '@/api/schema'

const MINUTE = 60_000

/** Both newest first. `minute` is the clock without its seconds: what is of this minute has happened. */
export function parted(items: readonly TimelineItem[], minute: number): { planned: TimelineItem[]; past: TimelineItem[] } {
  const sorted = [...items].sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
  const ahead = (item: TimelineItem): boolean => item.planned || Date.parse(item.at) >= minute + MINUTE
  return { planned: sorted.filter(ahead), past: sorted.filter((item) => !ahead(item)) }
}
