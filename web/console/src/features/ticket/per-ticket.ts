/** Stores that belong to one ticket: made when somebody first shows it, ended when nobody shows it any more. */
import { effectScope, inject, onScopeDispose, provide, reactive, type EffectScope, type InjectionKey, type Reactive } from 'vue'
import type { Id } from '@/api/schema'

interface Shown {
  scope: EffectScope
  holders: number
  stores: Map<object, object>
}

const TICKET: InjectionKey<Id> = Symbol('ticket')
const shown = new Map<Id, Shown>()

function shownOf(about: Id): Shown {
  const known = shown.get(about)
  if (!known) throw new Error('nobody shows this ticket')
  return known
}

/** Gives the store of one ticket; without an id that of the pane around the component. */
export function perTicket<S extends object>(setup: (about: Id) => S): (about?: Id) => Reactive<S> {
  return (given) => {
    const about = given ?? inject(TICKET)
    if (about === undefined) throw new Error('no ticket around')
    const { scope, stores } = shownOf(about)
    if (!stores.has(setup)) stores.set(setup, scope.run(() => reactive(setup(about))) as Reactive<S>)
    return stores.get(setup) as Reactive<S>
  }
}

function release(about: Id): void {
  const one = shownOf(about)
  if (--one.holders > 0) return
  shown.delete(about)
  one.scope.stop()
}

/** Keeps the stores of a ticket until the function that is returned is called. */
export function holdTicket(about: Id): () => void {
  const one = shown.get(about) ?? { scope: effectScope(true), holders: 0, stores: new Map<object, object>() }
  one.holders++
  shown.set(about, one)
  return () => release(about)
}

/** Everything below this component speaks of that ticket. */
export function provideTicket(about: Id): void {
  onScopeDispose(holdTicket(about))
  provide(TICKET, about)
}
