/** A small box of emoji by their English names; what is not in it comes from the system's own picker. */

/** Names and code points, in the order of the picker. */
const BOX: Record<string, number[]> = {
  smile: [0x1f642], grin: [0x1f600], joy: [0x1f602], laughing: [0x1f606], wink: [0x1f609], blush: [0x1f60a],
  heart_eyes: [0x1f60d], thinking: [0x1f914], neutral: [0x1f610], relieved: [0x1f60c], sunglasses: [0x1f60e],
  confused: [0x1f615], worried: [0x1f61f], sad: [0x1f641], cry: [0x1f622], sweat_smile: [0x1f605], facepalm: [0x1f926],
  shrug: [0x1f937], hug: [0x1f917], party: [0x1f973], thumbs_up: [0x1f44d], thumbs_down: [0x1f44e], ok_hand: [0x1f44c],
  clap: [0x1f44f], wave: [0x1f44b], raised_hands: [0x1f64c], pray: [0x1f64f], handshake: [0x1f91d], muscle: [0x1f4aa],
  point_right: [0x1f449], point_up: [0x261d, 0xfe0f], eyes: [0x1f440], heart: [0x2764, 0xfe0f], broken_heart: [0x1f494],
  star: [0x2b50], sparkles: [0x2728], fire: [0x1f525], tada: [0x1f389], gift: [0x1f381], rocket: [0x1f680],
  check: [0x2705], cross: [0x274c], warning: [0x26a0, 0xfe0f], question: [0x2753], exclamation: [0x2757], info: [0x2139, 0xfe0f],
  hourglass: [0x23f3], clock: [0x1f551], calendar: [0x1f4c5], bell: [0x1f514], bulb: [0x1f4a1], key: [0x1f511], lock: [0x1f512],
  mail: [0x2709, 0xfe0f], phone: [0x1f4de], computer: [0x1f4bb], camera: [0x1f4f7], memo: [0x1f4dd], paperclip: [0x1f4ce],
  link: [0x1f517], search: [0x1f50d], box: [0x1f4e6], truck: [0x1f69a], airplane: [0x2708, 0xfe0f], house: [0x1f3e0],
  card: [0x1f4b3], money: [0x1f4b0], receipt: [0x1f9fe], cart: [0x1f6d2], tool: [0x1f527], bug: [0x1f41b], bandage: [0x1fa79],
  coffee: [0x2615], cake: [0x1f370], sun: [0x2600, 0xfe0f], rain: [0x1f327, 0xfe0f], snow: [0x2744, 0xfe0f], rainbow: [0x1f308],
}

export interface Emoji {
  name: string
  sign: string
}

export const EMOJI: readonly Emoji[] = Object.entries(BOX).map(([name, points]) => ({ name, sign: String.fromCodePoint(...points) }))

/** Those whose name holds the typed word, those that begin with it first. */
export function findEmoji(typed: string): Emoji[] {
  const word = typed.toLowerCase().replaceAll(' ', '_')
  const holds = EMOJI.filter((one) => one.name.includes(word))
  return [...holds.filter((one) => one.name.startsWith(word)), ...holds.filter((one) => !one.name.startsWith(word))]
}
