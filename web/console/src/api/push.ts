/** Browsers that an agent is pushed to. */
import { api } from '@/api/client'
import type { Done, Id, IsoTime } from '@/api/schema'

export interface PushSubscriptionView {
  id: Id
  browser: string
  created_at: IsoTime
  /** It is the browser that asks. */
  here: boolean
}

export const fetchPushKey = (): Promise<{ public_key: string }> => api.get('/push')
export const fetchPushed = (): Promise<PushSubscriptionView[]> => api.get('/push/subscriptions')
export const addPushed = (body: { endpoint: string; keys: { p256dh: string; auth: string } }): Promise<PushSubscriptionView> =>
  api.post('/push/subscriptions', body)
export const removePushed = (id: Id): Promise<Done> => api.delete(`/push/subscriptions/${id}`)
