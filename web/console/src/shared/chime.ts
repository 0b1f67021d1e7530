/** Two soft tones, made on the spot: no file to load, silent where the browser forbids sound. */
export function chime(): void {
  if (typeof AudioContext === 'undefined' || !navigator.userActivation?.hasBeenActive) return
  const audio = new AudioContext()
  const start = audio.currentTime
  for (const [index, pitch] of [659, 880].entries()) {
    const tone = audio.createOscillator()
    const loudness = audio.createGain()
    const from = start + index * 0.18
    tone.frequency.value = pitch
    loudness.gain.setValueAtTime(0, from)
    loudness.gain.linearRampToValueAtTime(0.12, from + 0.02)
    loudness.gain.exponentialRampToValueAtTime(0.001, from + 0.4)
    tone.connect(loudness).connect(audio.destination)
    tone.start(from)
    tone.stop(from + 0.45)
  }
  setTimeout(() => void audio.close(), 1_000)
}
