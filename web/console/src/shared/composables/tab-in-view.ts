/** The chosen tab of a bar that is wider than a phone is always one of those that are seen. */
import { nextTick, onMounted, useTemplateRef, watch } from 'vue'
import { useRoute } from 'vue-router'

/** `name` is the bar's template reference. */
export function useTabInView(name: string): void {
  const bar = useTemplateRef<HTMLElement>(name)
  const route = useRoute()
  const show = (): void => bar.value?.querySelector('.router-link-active')?.scrollIntoView({ inline: 'center', block: 'nearest' })
  onMounted(show)
  watch(() => route.path, () => void nextTick(show))
}
