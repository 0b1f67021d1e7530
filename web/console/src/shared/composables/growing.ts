/** A long list that is drawn as far as somebody looks: the rest when its end comes near. */
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue'

const STEP = 30
/** So far below the screen the end is near. */
const NEAR = '800px'

/** The first of the items; `end` is an element after the last of them, there as long as some are not drawn. */
export function useGrowing<T>(items: () => T[], end: Readonly<Ref<HTMLElement | null>>): ComputedRef<T[]> {
  const count = ref(STEP)
  const shown = computed(() => items().slice(0, count.value))

  function grow(): void {
    if (count.value < items().length) count.value += STEP
  }

  const seen = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && grow(), { rootMargin: NEAR })
  // Watched anew after each step: an end that is still near after it says so again.
  watch([end, () => shown.value.length], ([element]) => {
    seen.disconnect()
    if (element) seen.observe(element)
  }, { flush: 'post' })
  onScopeDispose(() => seen.disconnect())
  return shown
}
