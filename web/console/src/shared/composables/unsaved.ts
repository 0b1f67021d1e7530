/** Work that is not saved yet is not lost by a wrong step: whoever leaves is asked first. */
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref, type WritableComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'
import { confirm } from '@/shared/composables/confirm'

function useQuestion(): () => Promise<boolean> {
  const { t } = useI18n()
  return () => confirm({ title: t('unsaved.title'), text: t('unsaved.text'), yes: t('unsaved.leave'), danger: true })
}

function warnBeforeUnload(dirty: () => boolean): void {
  const warn = (event: BeforeUnloadEvent): void => {
    if (dirty()) event.preventDefault()
  }
  window.addEventListener('beforeunload', warn)
  onScopeDispose(() => window.removeEventListener('beforeunload', warn))
}

/** For a page: asks before another one is opened or the window is closed. */
export function useUnsavedPage(dirty: () => boolean): void {
  const ask = useQuestion()
  onBeforeRouteLeave(() => !dirty() || ask())
  onBeforeRouteUpdate((to, from) => to.path === from.path || !dirty() || ask())
  warnBeforeUnload(dirty)
}

export interface GuardedForm {
  /** Whether the dialog is open; closing it asks when something would be lost. */
  shown: WritableComputedRef<boolean>
  dirty: ComputedRef<boolean>
  /** What the form holds now is saved, or where it begins. */
  settle: () => void
}

/** For a dialog with a form: `begin` fills the form whenever the dialog opens. */
export function useGuardedForm(open: Ref<boolean>, form: object, begin: () => void): GuardedForm {
  const ask = useQuestion()
  const saved = ref('')
  const settle = (): void => void (saved.value = JSON.stringify(form))
  const dirty = computed(() => JSON.stringify(form) !== saved.value)

  watch(open, (now) => {
    if (!now) return
    begin()
    settle()
  })

  async function close(): Promise<void> {
    if (!dirty.value || (await ask())) open.value = false
  }

  const shown = computed({
    get: () => open.value,
    set: (now) => (now ? (open.value = true) : void close()),
  })
  warnBeforeUnload(() => open.value && dirty.value)
  return { shown, dirty, settle }
}
