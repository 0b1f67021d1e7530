/** What comes to this browser: answered at once when I asked for it, and ringing when somebody else did. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Call } from './device'
import { takeExpected } from './expected-leg'
import { chime } from '@/shared/chime'

const CHIME_MS = 2_500

interface Ringing {
  ringing: ShallowRef<Call | null>
  talking: ShallowRef<Call | null>
  /** The network makes it hard to hear one another. */
  strained: Ref<boolean>
  hear: (call: Call) => void
  answer: () => void
  decline: () => void
  drop: () => void
}

export function useRinging(): Ringing {
  const ringing = shallowRef<Call | null>(null)
  const talking = shallowRef<Call | null>(null)
  const strained = ref(false)
  let chiming: ReturnType<typeof setInterval> | undefined

  function ring(call: Call): void {
    ringing.value = call
    chime()
    chiming = setInterval(chime, CHIME_MS)
  }

  function hush(): void {
    clearInterval(chiming)
    ringing.value = null
  }

  function forget(call: Call): void {
    if (ringing.value === call) hush()
    if (talking.value === call) talking.value = null
    strained.value = false
  }

  function hear(call: Call): void {
    for (const over of ['cancel', 'disconnect', 'reject', 'error'] as const) call.on(over, () => forget(call))
    for (const poor of ['warning', 'reconnecting'] as const) call.on(poor, () => (strained.value = true))
    for (const good of ['warning-cleared', 'reconnected'] as const) call.on(good, () => (strained.value = false))
    call.on('accept', () => {
      hush()
      talking.value = call
    })
    if (takeExpected()) call.accept()
    else ring(call)
  }

  function drop(): void {
    hush()
    talking.value = null
    strained.value = false
  }

  return { ringing, talking, strained, hear, answer: () => ringing.value?.accept(), decline: () => ringing.value?.reject(), drop }
}
