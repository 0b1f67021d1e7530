/** Files that are on their way to the center before the message that names them. */

import { Refusal, type Api } from './api'
import { newId } from './ids'
import type { Store, Upload } from './store'
import type { Words } from './words'

const MEGABYTE = 1024 * 1024

export class Uploads {
  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly words: () => Words,
    private readonly beSomebody: () => Promise<void>,
  ) {}

  add(files: readonly File[]): void {
    const { info } = this.store.state
    for (const file of files) {
      const problem = this.problem(file)
      if (problem) this.store.set({ notice: problem })
      else this.begin(file)
      if (this.store.state.uploads.length >= info.upload.per_message) return
    }
  }

  remove(key: string): void {
    const upload = this.store.state.uploads.find((one) => one.key === key)
    upload?.cancel()
    this.store.set({ uploads: this.store.state.uploads.filter((one) => one.key !== key) })
  }

  private problem(file: File): string | null {
    const { info, uploads } = this.store.state
    if (uploads.length >= info.upload.per_message) return this.words().tooManyFiles(info.upload.per_message)
    if (file.size > info.upload.bytes) return this.words().fileTooBig(file.name, Math.floor(info.upload.bytes / MEGABYTE))
    return null
  }

  private begin(file: File): void {
    const stop = new AbortController()
    const upload: Upload = { key: newId(), file, share: 0, done: null, cancel: () => stop.abort() }
    this.store.set({ uploads: [...this.store.state.uploads, upload], notice: '' })
    this.beSomebody()
      .then(() => this.api.upload(file, (share) => this.change(upload.key, { share }), stop.signal))
      .then((done) => this.change(upload.key, { done, share: 1 }))
      .catch((error: unknown) => this.failed(upload, error))
  }

  private failed(upload: Upload, error: unknown): void {
    if (!this.store.state.uploads.some((one) => one.key === upload.key)) return
    this.remove(upload.key)
    const told = error instanceof Refusal && error.message ? error.message : this.words().uploadFailed(upload.file.name)
    this.store.set({ notice: told })
  }

  private change(key: string, change: Partial<Upload>): void {
    const uploads = this.store.state.uploads.map((one) => (one.key === key ? { ...one, ...change } : one))
    this.store.set({ uploads })
  }
}
