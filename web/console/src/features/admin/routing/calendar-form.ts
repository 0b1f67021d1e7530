/** Opening hours as a form holds them: clock times, and every day of the week. */
import type { CalendarBody, CalendarView, Span } from '@/api/routing'

export interface ClockSpan {
  opens: string
  closes: string
}

export interface CalendarForm {
  name: string
  timezone: string
  /** Monday first; a day without spans is closed. */
  week: ClockSpan[][]
  holidays: { on: string; name: string; spans: ClockSpan[] }[]
}

const MIDNIGHT = 1_440

/** Minutes of the day as an input of type time writes them; midnight at the end reads like the one at the start. */
export function clock(minutes: number): string {
  const hours = Math.floor(minutes / 60) % 24
  return `${String(hours).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

const shown = (span: Span): ClockSpan => ({ opens: clock(span.opens), closes: clock(span.closes) })
const meant = (span: ClockSpan): Span => ({ opens: minutesOf(span.opens), closes: minutesOf(span.closes) || MIDNIGHT })

export const usualSpan = (): ClockSpan => ({ opens: '09:00', closes: '18:00' })

export function calendarForm(calendar: CalendarView | null): CalendarForm {
  if (!calendar) {
    const week = Array.from({ length: 7 }, (_, day) => (day < 5 ? [usualSpan()] : []))
    return { name: '', timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, week, holidays: [] }
  }
  const onDay = (day: number): ClockSpan[] => calendar.week.filter((one) => one.weekday === day).flatMap((one) => one.spans.map(shown))
  return {
    name: calendar.name,
    timezone: calendar.timezone,
    week: Array.from({ length: 7 }, (_, day) => onDay(day)),
    holidays: calendar.holidays.map((day) => ({ on: day.on, name: day.name, spans: day.spans.map(shown) })),
  }
}

export function calendarBody(form: CalendarForm): CalendarBody {
  return {
    name: form.name,
    timezone: form.timezone,
    week: form.week.flatMap((spans, weekday) => (spans.length ? [{ weekday, spans: spans.map(meant) }] : [])),
    holidays: form.holidays.map((day) => ({ ...day, spans: day.spans.map(meant) })).sort((one, other) => one.on.localeCompare(other.on)),
  }
}

/** Days with the same hours in one piece: [[0, 4, '09:00–18:00']] is Monday to Friday. */
export function weekInWords(calendar: CalendarView): [from: number, to: number, hours: string][] {
  const pieces: [number, number, string][] = []
  calendarForm(calendar).week.forEach((spans, day) => {
    const hours = spans.map((span) => `${span.opens}–${span.closes === '00:00' ? '24:00' : span.closes}`).join(', ')
    const last = pieces.at(-1)
    if (last && last[2] === hours && last[1] === day - 1) last[1] = day
    else if (hours) pieces.push([day, day, hours])
  })
  return pieces
}

/** The name of a weekday in the reader's language; 0 is Monday. */
export function weekdayName(day: number, locale: string, style: 'short' | 'long' = 'long'): string {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + day))
}
