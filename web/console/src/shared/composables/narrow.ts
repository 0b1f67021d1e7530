/** Whether the window is as narrow as a condition of the style sheets says. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

export function useNarrow(condition: string): Readonly<Ref<boolean>> {
  const asked = window.matchMedia(condition)
  const narrow = ref(asked.matches)
  const hear = (): void => void (narrow.value = asked.matches)
  asked.addEventListener('change', hear)
  onScopeDispose(() => asked.removeEventListener('change', hear))
  return readonly(narrow)
}
