/** The one place that speaks HTTP: JSON in and out, errors as `ApiError`, uploads with progress. */
import type { AttachmentView, ErrorView } from '@/api/schema'

const BASE = '/api/v1'
const SLOWEST_ANSWER_MS = 30_000

type Query = Record<string, string | number | boolean | null | undefined>

/** What the server refused and why; `code` is stable, `message` is for people, `field` names the input. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly field: string,
    readonly status: number,
    /** Which refusal exactly, where we say it in our own words. */
    readonly reason = '',
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** The server could not be reached or was too busy: the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 429
  }
}

let onSignedOut: () => void = () => undefined

/** Calls `listener` whenever the server says that nobody is signed in any more. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

let serverAheadMs = 0

/** The server's clock in milliseconds, as far as its answers tell. */
export function serverNow(): number {
  return Date.now() + serverAheadMs
}

function learnClock(header: string | null): void {
  const stated = header === null ? Number.NaN : Date.parse(header)
  if (Number.isNaN(stated)) return
  const ahead = stated + 500 - Date.now()
  serverAheadMs = Math.abs(ahead) < 2_000 ? 0 : ahead
}

export function pathWith(path: string, query: Query = {}): string {
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parts.set(name, String(value))
  }
  const tail = parts.toString()
  return BASE + path + (tail ? `?${tail}` : '')
}

function isErrorView(value: unknown): value is ErrorView {
  return typeof value === 'object' && value !== null && 'error' in value && 'message' in value
}

function errorFrom(status: number, body: unknown): ApiError {
  if (isErrorView(body)) return new ApiError(body.error, body.message, body.field ?? '', status, body.reason ?? '')
  return new ApiError('broken', '', '', status)
}

async function ask<T>(method: string, path: string, query: Query, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['Content-Type'] = 'application/json'
  let answer: Response
  try {
    answer = await fetch(pathWith(path, query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(SLOWEST_ANSWER_MS),
    })
  } catch {
    throw new ApiError('unreachable', '', '', 0)
  }
  learnClock(answer.headers.get('Date'))
  const said: unknown = await answer.json().catch(() => null)
  if (answer.ok) return said as T
  const error = errorFrom(answer.status, said)
  if (error.code === 'sign_in_required') onSignedOut()
  throw error
}

export const api = {
  get: <T>(path: string, query: Query = {}): Promise<T> => ask<T>('GET', path, query),
  post: <T>(path: string, body: unknown = {}): Promise<T> => ask<T>('POST', path, {}, body),
  put: <T>(path: string, body: unknown = {}): Promise<T> => ask<T>('PUT', path, {}, body),
  patch: <T>(path: string, body: unknown): Promise<T> => ask<T>('PATCH', path, {}, body),
  delete: <T>(path: string): Promise<T> => ask<T>('DELETE', path, {}),
}

/** Posts and hears the answer line by line, each a JSON value; aborting hangs up, which the server notices. */
export async function postLines<T>(path: string, body: unknown, hear: (line: T) => void, signal: AbortSignal): Promise<void> {
  const headers = { Accept: 'application/x-ndjson', 'Content-Type': 'application/json' }
  try {
    const answer = await fetch(pathWith(path), { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin', signal })
    if (!answer.ok) throw errorFrom(answer.status, await answer.json().catch(() => null))
    if (!answer.body) throw new ApiError('broken', '', '', 0)
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const lines = (rest + piece.value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) hear(JSON.parse(line) as T)
    }
  } catch (error) {
    if (signal.aborted) throw new ApiError('aborted', '', '', 0)
    if (!(error instanceof ApiError)) throw new ApiError('unreachable', '', '', 0)
    if (error.code === 'sign_in_required') onSignedOut()
    throw error
  }
}

/** Sends one file's bytes; `progress` hears the share from 0 to 1. */
export function upload(
  file: Blob,
  name: string,
  progress: (share: number) => void,
  signal?: AbortSignal,
): Promise<AttachmentView> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', pathWith('/uploads', { name }))
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    request.responseType = 'json'
    request.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 0)
    request.onerror = () => reject(new ApiError('unreachable', '', '', 0))
    request.onabort = () => reject(new ApiError('aborted', '', '', 0))
    request.onload = () => {
      const body: unknown = request.response
      if (request.status >= 200 && request.status < 300) resolve(body as AttachmentView)
      else reject(errorFrom(request.status, body))
    }
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}
