/** Web Push in this browser: whether it can, subscribing with the center's key, and leaving again. */
import { addPushed, fetchPushKey, type PushSubscriptionView } from '@/api/push'

export const canPush = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && typeof Notification !== 'undefined'

/** The bytes of URL-safe base64 without padding. */
export function keyBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

/** Subscribes this browser; null when the person or the browser says no. */
export async function subscribeHere(): Promise<PushSubscriptionView | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null
  const { public_key } = await fetchPushKey()
  const { pushManager } = await navigator.serviceWorker.ready
  // One made with another key of the center cannot be used any more.
  await (await pushManager.getSubscription())?.unsubscribe()
  const made = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes(public_key) })).toJSON()
  return addPushed({ endpoint: made.endpoint ?? '', keys: { p256dh: made.keys?.['p256dh'] ?? '', auth: made.keys?.['auth'] ?? '' } })
}

export async function leaveHere(): Promise<void> {
  const { pushManager } = await navigator.serviceWorker.ready
  await (await pushManager.getSubscription())?.unsubscribe()
}

/** Starts the service worker; what it is asked to open is opened here. */
export function startWorker(go: (path: string) => void): void {
  if (!('serviceWorker' in navigator)) return
  void navigator.serviceWorker.register('/sw.js').catch(() => undefined)
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<{ type?: string; path?: string }>) => {
    if (event.data.type === 'go' && event.data.path) go(event.data.path)
  })
}
