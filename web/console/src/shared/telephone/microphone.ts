/** The microphone and the speaker of this browser: whether we may, which ones were chosen, how loud it is. */
export type Microphone = 'granted' | 'prompt' | 'denied' | 'absent' | 'insecure'
export type Kind = 'microphone' | 'speaker'

const KEY: Record<Kind, string> = { microphone: 'console.microphone', speaker: 'console.speaker' }
const DEVICE: Record<Kind, MediaDeviceKind> = { microphone: 'audioinput', speaker: 'audiooutput' }

/** Empty: the browser's usual one. */
export const chosen = (kind: Kind): string => localStorage.getItem(KEY[kind]) ?? ''
export const choose = (kind: Kind, id: string): void => localStorage.setItem(KEY[kind], id)

/** Devices have names only once the microphone is allowed. */
export async function devicesOf(kind: Kind): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices()
  return all.filter((one) => one.kind === DEVICE[kind] && one.deviceId !== 'default' && one.deviceId !== 'communications')
}

/** Says how it stands without asking anybody; `changed` is told when that becomes another. */
export async function microphoneState(changed?: () => void): Promise<Microphone> {
  // Browsers give no microphone to a page that came without TLS from another machine.
  if (!window.isSecureContext || !navigator.mediaDevices) return 'insecure'
  const inputs = await navigator.mediaDevices.enumerateDevices()
  if (!inputs.some((one) => one.kind === 'audioinput')) return 'absent'
  try {
    const found = await navigator.permissions.query({ name: 'microphone' as PermissionName })
    if (changed) found.onchange = changed
    return found.state
  } catch {
    return inputs.some((one) => one.kind === 'audioinput' && one.label) ? 'granted' : 'prompt'
  }
}

/** Lets the browser ask, and says what came of it. */
export async function askMicrophone(): Promise<Microphone> {
  try {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true })
    for (const track of sound.getTracks()) track.stop()
    return 'granted'
  } catch (error) {
    return (error as DOMException).name === 'NotAllowedError' ? 'denied' : 'absent'
  }
}

/** Listens to the microphone and tells how loud it is, from 0 to 1, until what it returns is called. */
export async function meter(id: string, tell: (loudness: number) => void): Promise<() => void> {
  const sound = await navigator.mediaDevices.getUserMedia({ audio: id ? { deviceId: { exact: id } } : true })
  const audio = new AudioContext()
  const analyser = audio.createAnalyser()
  audio.createMediaStreamSource(sound).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    tell(Math.min(1, loudnessOf(samples) * 4))
  }, 100)
  return () => {
    clearInterval(timer)
    for (const track of sound.getTracks()) track.stop()
    void audio.close()
  }
}

/** Root mean square of samples between -1 and 1. */
export function loudnessOf(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / Math.max(samples.length, 1))
}
