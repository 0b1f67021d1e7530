/** Where on the page the widget stands: a bubble over it, or a box of the page's own. */

export interface Place {
  /** Null: a bubble in the corner. */
  box: HTMLElement | null
  direction: 'ltr' | 'rtl' | null
  nonce: string
}

/** Read `data-target` and `data-dir` of the script tag; throws when the page has no such box. */
export function placeOf(script: HTMLScriptElement): Place {
  const { target, dir } = script.dataset
  const box = target ? document.querySelector<HTMLElement>(target) : null
  if (target && !box) throw new Error(`nothing on the page matches data-target="${target}"`)
  return { box, direction: dir === 'rtl' || dir === 'ltr' ? dir : null, nonce: script.nonce ?? '' }
}
