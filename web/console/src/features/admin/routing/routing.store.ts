/** Skills, hours, profiles and endings as the server has them, asked for again when anybody changes one. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import {
  fetchCalendars, fetchDispositions, fetchProfiles, fetchSkills, type CalendarView, type DispositionView, type ProfileView, type SkillView,
} from '@/api/routing'
import { calmly } from '@/shared/calmly'
import { onEntry, onResync } from '@/shared/stores/live.store'

export const useRouting = defineStore('routing', () => {
  const skills = ref<SkillView[]>([])
  const calendars = ref<CalendarView[]>([])
  const profiles = ref<ProfileView[]>([])
  const dispositions = ref<DispositionView[]>([])
  const ready = ref(false)
  const failed = ref<unknown>(null)
  let wanted = false

  async function load(): Promise<void> {
    wanted = true
    try {
      const [abilities, hours, ways, endings] = await Promise.all([fetchSkills(), fetchCalendars(), fetchProfiles(), fetchDispositions()])
      skills.value = abilities
      calendars.value = hours
      profiles.value = ways
      dispositions.value = endings
      ready.value = true
      failed.value = null
    } catch (error) {
      failed.value = error
    }
  }

  const soon = calmly(() => void load(), 1_000)
  const ifWanted = (): void => {
    if (wanted) soon()
  }
  onResync(ifWanted)
  onEntry(['RoutingChanged'], ifWanted)

  const skillNames = computed(() => new Map(skills.value.map((skill) => [skill.id, skill.name])))
  return { skills, calendars, profiles, dispositions, ready, failed, skillNames, load }
})
