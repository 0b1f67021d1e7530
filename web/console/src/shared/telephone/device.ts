/** The provider's own browser library, set up for us: loaded only where the browser is somebody's telephone. */
import type { Call, Device } from '@twilio/voice-sdk'
import type { BrowserPass } from '@/api/calls'

/** Everything rings through the offer and our own chime: the library's sounds would be fetched from the provider's site. */
class Silence {
  play(): Promise<void> {
    return Promise.resolve()
  }
  stop(): void {}
  setSinkIds(): Promise<void> {
    return Promise.resolve()
  }
}

/** The library knows wss alone; a provider on this very machine (the demo, a test) speaks without TLS. */
async function loaded(signalling: URL): Promise<typeof import('@twilio/voice-sdk')> {
  if (signalling.protocol !== 'ws:') return import('@twilio/voice-sdk')
  const usual = globalThis.WebSocket
  globalThis.WebSocket = class extends usual {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(String(url).replace(/^wss:/, 'ws:'), protocols)
    }
  }
  try {
    // It remembers the class when it is first read.
    return await import('@twilio/voice-sdk')
  } finally {
    globalThis.WebSocket = usual
  }
}

const REFRESH_BEFORE_MS = 120_000

/** Makes a telephone that is not signed in yet; `leaving` is asked before the page is left during a call. */
export async function makeDevice(pass: BrowserPass, leaving: string): Promise<Device> {
  const signalling = new URL(pass.signalling)
  const { Device, Call } = await loaded(signalling)
  const options = {
    chunderw: signalling.host,
    codecPreferences: [Call.Codec.Opus, Call.Codec.PCMU],
    closeProtection: leaving,
    tokenRefreshMs: REFRESH_BEFORE_MS,
    // Nothing about our calls goes to anybody but who carries them.
    publishEvents: false,
    Sound: Silence,
    logLevel: 'silent',
  }
  const device = new Device(pass.token, options as unknown as Device.Options)
  device.audio?.incoming(false)
  device.audio?.outgoing(false)
  device.audio?.disconnect(false)
  return device
}

export type { Call, Device }
