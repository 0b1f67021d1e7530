/** What the palette can do besides finding: every shortcut of this page, and every place one may go. */
import type { RouteLocationRaw } from 'vue-router'
import { useViews, READY } from '@/features/inbox/views.store'
import type { Theme } from '@/shared/stores/preferences.store'
import { useAlerts } from '@/shared/stores/alerts.store'
import { usePreferences } from '@/shared/stores/preferences.store'
import { shortcuts } from '@/shared/composables/shortcuts'
import { ADMIN_PERMISSIONS, FLOOR_PERMISSION, QUEUES_PERMISSION } from '@/shared/permissions'
import { useSession } from '@/shared/stores/session.store'
import type { PresenceState } from '@/api/schema'

export interface Command {
  key: string
  words: string
  /** What it belongs to, in words. */
  group: string
  /** The keys that do the same, if any. */
  keys: string
  to?: RouteLocationRaw
  act?: () => void
}

type Say = (key: string, values?: Record<string, unknown>) => string

const PLACES: { to: string; words: string; needs?: readonly string[] }[] = [
  { to: '/work', words: 'shell.work' },
  { to: '/queues', words: 'shell.queues', needs: [QUEUES_PERMISSION] },
  { to: '/clients', words: 'shell.clients' },
  { to: '/knowledge', words: 'shell.knowledge' },
  { to: '/floor', words: 'shell.floor', needs: [FLOOR_PERMISSION] },
  { to: '/what-if', words: 'whatIf.title', needs: [FLOOR_PERMISSION] },
  { to: '/admin', words: 'shell.admin', needs: ADMIN_PERMISSIONS },
  { to: '/profile', words: 'shell.profile' },
  { to: '/admin/gallery', words: 'gallery.title', needs: ADMIN_PERMISSIONS },
  { to: '/tickets/new', words: 'ticket.new' },
]

function places(t: Say): Command[] {
  const session = useSession()
  const group = t('palette.go')
  const open = PLACES.filter((place) => !place.needs || session.canAny(...place.needs))
  return [
    ...open.map(({ to, words }) => ({ key: to, words: t(words), group, keys: '', to })),
    ...READY.map((view) => ({ key: view, words: t(`inbox.views.${view}`), group, keys: '', to: `/inbox/${view}` })),
    ...useViews().saved.map((view) => ({ key: view.id, words: view.name, group, keys: '', to: `/inbox/${view.id}` })),
  ]
}

function settings(t: Say): Command[] {
  const preferences = usePreferences()
  const offer = useAlerts().choices?.ways.offer
  const session = useSession()
  const themes: Theme[] = ['system', 'light', 'dark']
  const states: PresenceState[] = ['available', 'away', 'offline']
  return [
    ...states.map((state) => ({ key: state, words: t(`presence.${state}`), group: t('presence.title'), keys: '', act: () => void session.setPresence(state) })),
    ...themes.map((theme) => ({ key: theme, words: t(`shell.themes.${theme}`), group: t('shell.theme'), keys: '', act: () => (preferences.theme = theme) })),
    ...(offer ? [{ key: 'sound', words: t(offer.sound ? 'palette.silence' : 'palette.ring'), group: t('shell.account'), keys: '', act: () => void (offer.sound = !offer.sound) }] : []),
    { key: 'out', words: t('shell.signOut'), group: t('shell.account'), keys: '', act: () => void session.signOut() },
  ]
}

/** Everything that can be done now; what this page adds comes first. */
export function commands(t: Say): Command[] {
  const here = [...shortcuts].reverse().map((one, index) => ({
    key: `${one.label} ${one.keys} ${index}`,
    words: t(one.label),
    group: t(one.group),
    keys: one.keys,
    act: () => void one.act(),
  }))
  const named = new Set<string>()
  const once = here.filter(({ words, group }) => !named.has(`${group} ${words}`) && named.add(`${group} ${words}`))
  return [...once, ...places(t), ...settings(t)]
}

function fits(word: string, text: string): boolean {
  return text.split(/\s+/).some((part) => part.startsWith(word)) || (word.length > 2 && text.includes(word))
}

/** Those commands in whose name or group every typed word begins a word. */
export function matching(all: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().trim().split(/\s+/).filter(Boolean)
  return all.filter((one) => words.every((word) => fits(word, `${one.words} ${one.group}`.toLowerCase())))
}
