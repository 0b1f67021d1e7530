/** This browser as my telephone: whether it can be called, what rings in it, and how well one hears. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { Device } from './device'
import { askMicrophone, chosen, microphoneState } from './microphone'
import { becomeTelephone, letAnotherTab } from './one-tab'
import { useRinging } from './ringing'
import { openBrowserPhone, type BrowserPass } from '@/api/calls'
import { errorText } from '@/shared/error-text'
import { i18n } from '@/shared/i18n'
import { useSession } from '@/shared/stores/session.store'

/**
 * `off`: my telephone is another. `elsewhere`: another tab is it. `prompt`, `denied`, `absent`, `insecure`: no microphone, and why.
 * `offline`: the provider is not reached, which is tried again. `refused`: the server says why.
 */
export type Standing = 'off' | 'elsewhere' | 'prompt' | 'denied' | 'absent' | 'insecure' | 'starting' | 'ready' | 'offline' | 'refused'

export const IN_BROWSER = 'browser'
const AGAIN_MS = 15_000
/** The library's codes for a microphone that is refused or cannot be had. */
const NO_MICROPHONE = new Set([31401, 31402])
/** … and for a pass that the provider does not take. */
const BAD_PASS = new Set([20101, 20103, 20104, 31201, 31202, 31204, 31205])

export const useSoftphone = defineStore('softphone', () => {
  const session = useSession()
  const standing = ref<Standing>('off')
  /** What the server says when it refuses. */
  const trouble = ref('')
  const { ringing, talking, strained, hear, answer, decline, drop } = useRinging()
  const wanted = computed(() => session.me?.agent.phone === IN_BROWSER)
  let devices: Device[] = []
  let again: ReturnType<typeof setTimeout> | undefined

  async function begin(): Promise<void> {
    clearTimeout(again)
    if (!wanted.value || devices.length) return
    standing.value = 'starting'
    await becomeTelephone(() => (standing.value = 'elsewhere'))
    const microphone = await microphoneState(() => void begin())
    if (microphone === 'granted') await signIn()
    else standing.value = microphone
  }

  async function signIn(): Promise<void> {
    standing.value = 'starting'
    try {
      const passes = await openBrowserPhone()
      const { makeDevice } = await import('./device')
      const leaving = i18n.global.t('phone.browser.leaving')
      const made = await Promise.all(passes.map((pass) => makeDevice(pass, leaving)))
      if (!wanted.value || devices.length) return made.forEach((device) => device.destroy())
      devices = made
      devices.forEach((device, place) => follow(device, passes[place]!.realm))
      await useChosen()
      await Promise.all(devices.map((device) => device.register()))
    } catch (error) {
      refuse(errorText(error))
    }
  }

  function refuse(why: string): void {
    end()
    standing.value = 'refused'
    trouble.value = why
    again = setTimeout(() => void begin(), AGAIN_MS)
  }

  function follow(device: Device, realm: string): void {
    device.on('registered', () => (standing.value = 'ready'))
    device.on('unregistered', () => (standing.value = 'offline'))
    device.on('incoming', hear)
    device.on('tokenWillExpire', () => void renew(device, realm))
    device.on('error', (error: { code: number }) => {
      if (BAD_PASS.has(error.code)) refuse(i18n.global.t('phone.browser.badPass'))
      if (NO_MICROPHONE.has(error.code)) void microphoneState().then((now) => (standing.value = now === 'granted' ? 'absent' : now))
    })
  }

  async function renew(device: Device, realm: string): Promise<void> {
    const passes = await openBrowserPhone().catch((): BrowserPass[] => [])
    const pass = passes.find((one) => one.realm === realm)
    // Without one the registration ends with the old pass, and what is shown then says so.
    if (pass) device.updateToken(pass.token)
  }

  /** Only after a press, so that the reader knows what the browser asks for. */
  async function allow(): Promise<void> {
    const now = await askMicrophone()
    if (now === 'granted') await begin()
    else standing.value = now
  }

  /** Speaks and listens with what was chosen in the profile, where it still is. */
  async function useChosen(): Promise<void> {
    const [microphone, speaker] = [chosen('microphone'), chosen('speaker')]
    for (const { audio } of devices) {
      if (microphone && audio?.availableInputDevices.has(microphone)) await audio.setInputDevice(microphone).catch(() => undefined)
      if (speaker && audio?.isOutputSelectionSupported) await audio.speakerDevices.set(speaker).catch(() => undefined)
    }
  }

  function end(): void {
    clearTimeout(again)
    drop()
    for (const device of devices.splice(0)) {
      device.removeAllListeners()
      device.destroy()
    }
  }

  watch(
    wanted,
    (now) => {
      if (now) return void begin()
      end()
      letAnotherTab()
      standing.value = 'off'
    },
    { immediate: true },
  )

  return { standing, trouble, ringing, talking, strained, answer, decline, allow, useChosen }
})
