/** Files on their way to the server, and those that arrived, which belong to the draft. */
import { computed, ref } from 'vue'
import { ApiError, upload } from '@/api/client'
import type { AttachmentView, Id } from '@/api/schema'
import { dropUpload } from '@/api/tickets'
import { useDrafts } from './drafts.store'
import { perTicket } from './per-ticket'

export interface Uploading {
  key: number
  name: string
  share: number
  stop: () => void
}

export const useUploads = perTicket((about: Id) => {
  const drafts = useDrafts(about)
  const running = ref<Uploading[]>([])
  let last = 0

  /** Answers with what arrived, or with nothing when it was stopped. */
  async function add(file: File): Promise<AttachmentView | undefined> {
    const stopper = new AbortController()
    const key = ++last
    running.value.push({ key, name: file.name, share: 0, stop: () => stopper.abort() })
    const tell = (share: number): void => {
      const mine = running.value.find((one) => one.key === key)
      if (mine) mine.share = share
    }
    try {
      const attachment = await upload(file, file.name || 'image.png', tell, stopper.signal)
      drafts.change({ attachments: [...drafts.draft.attachments, attachment] })
      return attachment
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'aborted')) throw error
      return undefined
    } finally {
      running.value = running.value.filter((one) => one.key !== key)
    }
  }

  async function remove(id: Id): Promise<void> {
    drafts.change({ attachments: drafts.draft.attachments.filter((one) => one.id !== id) })
    await dropUpload(id).catch(() => null)
  }

  const busy = computed(() => running.value.length > 0)
  return { running, busy, add, remove }
})
