/** One question at a time: asked anywhere, answered in the dialog of the shell. */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  yes: string
  danger?: boolean
  answer: (yes: boolean) => void
}

export const question = shallowRef<Question | null>(null)

/** Resolves to whether the person said yes. */
export function confirm(asked: Omit<Question, 'answer'>): Promise<boolean> {
  question.value?.answer(false)
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer(yes) {
        question.value = null
        resolve(yes)
      },
    }
  })
}
