/** Whose center this is and how far its first hour came. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { addSamples, changeCenter, fetchCenter, removeSamples } from '@/api/center'
import type { CenterPatch, CenterView, SamplesView, WelcomeStep } from '@/api/schema'
import { onEntry, onResync } from '@/shared/stores/live.store'

/** The first hour after the first account, in its order. */
export const STEPS: readonly WelcomeStep[] = ['company', 'channel', 'colleague', 'message']

export const useCenter = defineStore('center', () => {
  const center = ref<CenterView | null>(null)

  async function load(): Promise<void> {
    center.value = await fetchCenter()
  }

  async function change(body: CenterPatch): Promise<void> {
    center.value = await changeCenter(body)
  }

  /** Puts a step behind us, done or skipped. */
  async function pass(step: WelcomeStep): Promise<void> {
    const known = center.value?.steps ?? []
    if (!known.includes(step)) await change({ steps: [...known, step] })
  }

  async function bringSamples(): Promise<SamplesView> {
    const added = await addSamples()
    await load()
    return added
  }

  async function clearSamples(): Promise<SamplesView> {
    const removed = await removeSamples()
    await load()
    return removed
  }

  const reload = (): void => {
    if (center.value) void load().catch(() => undefined)
  }
  onEntry(['CompanyChanged', 'SamplesChanged'], reload)
  onResync(reload)

  return { center, load, change, pass, bringSamples, clearSamples }
})
