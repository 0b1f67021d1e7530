import { describe, expect, it } from 'vitest'
import { availableFirst } from './available-first'

const people = [
  { name: 'Vera', state: 'offline' },
  { name: 'Ivan', state: 'away' },
  { name: 'Ядвіга', state: 'available' },
  { name: 'Boris', state: undefined },
  { name: 'Anna', state: 'away' },
  { name: 'Євген', state: 'available' },
  { name: 'Olena', state: 'available' },
]

describe('availableFirst', () => {
  it('puts who is available first and who is offline last, by name within', () => {
    expect(availableFirst(people, (one) => one.state).map((one) => one.name)).toEqual(['Olena', 'Євген', 'Ядвіга', 'Anna', 'Ivan', 'Boris', 'Vera'])
  })

  it('leaves the list that it was given as it is', () => {
    const before = people.map((one) => one.name)

    availableFirst(people, (one) => one.state)

    expect(people.map((one) => one.name)).toEqual(before)
  })
})
