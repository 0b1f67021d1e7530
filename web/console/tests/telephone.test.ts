import { beforeEach, describe, expect, it } from 'vitest'
import { expecting, expectLeg, takeExpected } from '../src/shared/telephone/expected-leg'
import { loudnessOf } from '../src/shared/telephone/microphone'

describe('a leg that rings in the browser', () => {
  beforeEach(() => localStorage.clear())

  it('is answered by itself once, and only soon after it was asked for', () => {
    expectLeg(1_000)
    expect(takeExpected(2_000)).toBe(true)
    expect(takeExpected(2_000)).toBe(false)
    expectLeg(1_000)
    expect(takeExpected(31_001)).toBe(false)
    expect(takeExpected()).toBe(false)
  })

  it('is expected while the server still works on the wish for it', async () => {
    await expecting(async () => expect(localStorage.length).toBe(1))
    expect(takeExpected()).toBe(true)
  })

  it('is not expected when the server refused, nor for a contact that is no call', async () => {
    await expect(expecting(() => Promise.reject(new Error('taken')))).rejects.toThrow('taken')
    expect(takeExpected()).toBe(false)
    await expecting(() => Promise.resolve(), 'email')
    expect(takeExpected()).toBe(false)
  })
})

describe('the loudness of a microphone', () => {
  it('is nothing for silence, and one for the loudest wave there is', () => {
    expect(loudnessOf(new Float32Array(100))).toBe(0)
    expect(loudnessOf(new Float32Array([1, -1, 1, -1]))).toBe(1)
    expect(loudnessOf(new Float32Array())).toBe(0)
  })
})
