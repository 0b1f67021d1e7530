/** One asynchronous act of a component: is it running, what went wrong, in words. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { ApiError } from '@/api/client'
import { errorText } from '@/shared/error-text'

export interface Task<A extends unknown[], R> {
  /** Undefined when it failed; `error` then says why. */
  run: (...args: A) => Promise<R | undefined>
  busy: Ref<boolean>
  error: Ref<ApiError | null>
  message: ComputedRef<string>
  /** The refusal of one input, empty when it was accepted. */
  fieldError: (field: string) => string
}

export function useTask<A extends unknown[], R>(work: (...args: A) => Promise<R>): Task<A, R> {
  const busy = ref(false)
  const error = ref<ApiError | null>(null)

  async function run(...args: A): Promise<R | undefined> {
    busy.value = true
    error.value = null
    try {
      return await work(...args)
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught
      error.value = caught
      return undefined
    } finally {
      busy.value = false
    }
  }

  const message = computed(() => (error.value ? errorText(error.value) : ''))
  const fieldError = (field: string): string => (error.value?.field === field ? errorText(error.value) : '')
  return { run, busy, error, message, fieldError }
}
