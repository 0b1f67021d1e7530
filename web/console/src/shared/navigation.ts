/** The router, for what acts outside of components; the application hands it in when it starts. */
import type { Router } from 'vue-router'

let known: Router | null = null

export function useRouterOf(router: Router): void {
  known = router
}

export function router(): Router {
  if (known === null) throw new Error('the application has not started')
  return known
}

/** A plain link behaves as one of the router's; what asks for another tab or window is left to the browser. */
export function follow(event: MouseEvent, to: string): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  void router().push(to)
}
