/** The channels as the console shows them: one list, and what each looks like. */
import { Camera, Globe, Mail, MessageCircle, MessageCircleCheck, MessageCircleHeart, MessageCircleMore, MessageSquareMore, MessageSquareText, MessagesSquare, Phone, Plug, Send, StickyNote } from '@lucide/vue'
import type { Component } from 'vue'
import type { ChannelKind } from '@/api/schema'

export const CHANNELS: readonly ChannelKind[] = ['mail', 'webchat', 'telegram', 'custom', 'sms', 'whatsapp', 'whatsapp_cloud', 'viber', 'line', 'messenger', 'instagram', 'voice']

/** What an agent handles at once unless somebody says otherwise. */
export const USUAL_CAPACITY: Record<ChannelKind, number> = { mail: 4, webchat: 3, telegram: 3, custom: 3, sms: 4, whatsapp: 3, whatsapp_cloud: 3, viber: 3, line: 3, messenger: 3, instagram: 3, voice: 1 }

const ICONS: Record<string, Component> = { mail: Mail, webchat: MessageCircle, telegram: Send, custom: Plug, sms: MessageSquareText, whatsapp: MessageCircleMore, whatsapp_cloud: MessageCircleCheck, viber: MessageSquareMore, line: MessageCircleHeart, messenger: MessagesSquare, instagram: Camera, voice: Phone, note: StickyNote }

export function channelIcon(channel: string): Component {
  return ICONS[channel] ?? Globe
}

const NUMBERED = new Set<string>(['webchat', 'telegram', 'custom', 'viber', 'line', 'messenger', 'instagram'])

/** Whether the channel knows its clients by numbers that nobody reads. */
export function isNumbered(channel: string): boolean {
  return NUMBERED.has(channel)
}
