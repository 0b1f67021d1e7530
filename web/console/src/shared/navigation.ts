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
