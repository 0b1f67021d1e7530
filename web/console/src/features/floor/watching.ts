/** Keeps floor and figures fresh as long as a page shows them. */
import { onMounted, onUnmounted } from 'vue'
import { useFigures } from './figures.store'
import { useFloor } from './floor.store'

const POLL_MS = 30_000

export function useWatching(): { floor: ReturnType<typeof useFloor>; figures: ReturnType<typeof useFigures>; again: () => void } {
  const floor = useFloor()
  const figures = useFigures()
  let poll: ReturnType<typeof setInterval> | undefined

  function again(): void {
    void floor.load()
    void figures.load()
  }

  onMounted(() => {
    floor.watched = true
    figures.watched += 1
    again()
    poll = setInterval(again, POLL_MS)
  })
  onUnmounted(() => {
    floor.watched = false
    figures.watched -= 1
    clearInterval(poll)
  })
  return { floor, figures, again }
}
