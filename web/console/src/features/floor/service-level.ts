/** The service level as the wallboard shows it. */
import type { QueueFigures } from '@/api/schema'

/**
 * Share of today's contacts answered within the target, in whole percent: answered within target divided by
 * answered plus abandoned. Null when there was none.
 */
export function serviceLevel(queue: QueueFigures): number | null {
  const all = queue.answered_today + queue.abandoned_today
  return all === 0 ? null : Math.round((100 * queue.within_target_today) / all)
}
