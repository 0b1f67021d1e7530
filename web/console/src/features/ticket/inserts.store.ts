/** Texts that something outside the editor wants in the answer. */
import { ref } from 'vue'
import { perTicket } from './per-ticket'

export const useInserts = perTicket(() => {
  const waiting: string[] = []
  const count = ref(0)

  function add(html: string): void {
    waiting.push(html)
    count.value++
  }

  const take = (): string => waiting.splice(0).join('')
  return { count, add, take }
})
