/** Colours that repeat what a word says. */
import type { TicketStatus } from '@/api/schema'

export const STATUS_TONES: Record<TicketStatus, string> = { new: 'info', open: 'accent', waiting: 'warn', solved: 'good', closed: '' }
