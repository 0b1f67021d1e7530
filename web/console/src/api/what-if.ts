/** Days that are rehearsed on the server: what comes, who works, and what that would mean. */
import { api, ApiError, postLines } from '@/api/client'

export interface DayQueue {
  name: string
  target_seconds: number
  service_level_percent: number
}

export interface DayArrivals {
  queue: string
  channel: string
  per_interval: number[]
  per_hour: number | null
  handle_seconds: number
  patience_seconds: number | null
  redial_percent: number
  redial_after_seconds: number
  redials_most: number
  callback_percent: number
  callback_after_seconds: number
}

export interface AgentGroup {
  name: string
  count: number
  queues: string[]
  skills: Record<string, number>
  capacity: Record<string, number>
  shifts: string[] | null
  decline_percent: number
  miss_percent: number
  back_after_seconds: number
}

/** What is not named here is kept as the server sent it. */
export interface Scenario {
  starts: string
  ends: string
  interval_minutes: number
  seed: number
  days: number
  shrinkage: number
  queues: DayQueue[]
  arrivals: DayArrivals[]
  agents: AgentGroup[]
}

export interface Figures {
  offered: number
  answered: number
  abandoned: number
  flowed_out: number
  waiting: number
  within_target: number
  service_level: number | null
  wait_mean: number | null
  wait_p50: number | null
  wait_p95: number | null
  wait_most: number | null
  redials: number
  redials_answered: number
  callbacks: number
  callbacks_answered: number
  callback_wait_mean: number | null
  declined: number
  missed: number
  occupancy: number | null
}

export interface Required {
  agents: number
  staffed: number
  service_level: number
  occupancy: number
  abandoned: number
  theory: 'erlang_a' | 'erlang_c'
}

export interface IntervalReport {
  starts: string
  figures: Figures
  required: Required | null
}

export interface PartReport {
  total: Figures
  intervals: IntervalReport[]
}

export interface QueueReport extends PartReport {
  name: string
  target_seconds: number
  service_level_percent: number
}

export interface Report extends PartReport {
  days: number
  seed: number
  interval_minutes: number
  contacts: number
  agents: number
  queues: QueueReport[]
}

interface Line {
  done: number
  days: number
  reports: Report[]
  error: string
  message: string
}

export const fetchExampleDay = (): Promise<Scenario> => api.get('/what-if/example')
export const fetchOwnDay = (days: number, timezone: string): Promise<Scenario> => api.get('/what-if/day', { days, timezone })

/** Rehearses one or two days; `progress` hears how many are done of how many. */
export async function rehearse(
  scenarios: Scenario[],
  progress: (done: number, days: number) => void,
  signal: AbortSignal,
): Promise<Report[]> {
  let reports: Report[] = []
  const hear = (line: Line): void => {
    if (line.error) throw new ApiError(line.error, line.message, '', 422)
    progress(line.done, line.days)
    reports = line.reports
  }
  await postLines('/what-if/rehearsals', { scenarios }, hear, signal)
  if (!reports.length) throw new ApiError('broken', '', '', 0)
  return reports
}
