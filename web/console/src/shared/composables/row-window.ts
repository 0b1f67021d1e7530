/** Which rows of a long list of equal ones are in sight; the others do not exist. */
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue'

/** So many rows more on either side, for a wheel that is quicker than a frame. */
const BEYOND = 6

export interface Span {
  first: number
  /** After the last. */
  end: number
}

export function spanInSight(top: number, height: number, row: number, count: number): Span {
  const first = Math.max(0, Math.floor(top / row) - BEYOND)
  return { first: Math.min(first, count), end: Math.min(count, Math.ceil((top + height) / row) + BEYOND) }
}

export interface RowWindow {
  first: ComputedRef<number>
  end: ComputedRef<number>
  /** Scrolls no farther than is needed to see the whole row. */
  reveal: (index: number) => void
}

/** Follows the scrolling of an element whose rows are all `row` pixels high. */
export function useRowWindow(scroller: Ref<HTMLElement | null>, row: number, count: () => number): RowWindow {
  const top = ref(0)
  const height = ref(0)
  const span = computed(() => spanInSight(top.value, height.value, row, count()))

  // A passive listener of our own: it hears once a frame, and nothing is read that was not laid out already.
  const follow = (): void => void (top.value = scroller.value?.scrollTop ?? 0)
  const sizes = new ResizeObserver((entries) => {
    height.value = entries.at(-1)?.contentRect.height ?? 0
    follow()
  })
  watch(scroller, (element, before) => {
    before?.removeEventListener('scroll', follow)
    sizes.disconnect()
    if (!element) return
    height.value = element.clientHeight
    element.addEventListener('scroll', follow, { passive: true })
    sizes.observe(element)
  }, { flush: 'post', immediate: true })
  onScopeDispose(() => sizes.disconnect())

  function reveal(index: number): void {
    const element = scroller.value
    if (!element) return
    const from = index * row
    if (from < element.scrollTop) element.scrollTop = from
    else if (from + row > element.scrollTop + element.clientHeight) element.scrollTop = from + row - element.clientHeight
    follow()
  }

  return { first: computed(() => span.value.first), end: computed(() => span.value.end), reveal }
}
