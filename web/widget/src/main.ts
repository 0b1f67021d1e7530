/** Finds its own script tag, asks the center how to look, and stands ready on the page. */

import { Api } from './api'
import { Mount } from './mount'
import { preview } from './preview'
import { complain, Hearers, publicApi, type Command, type PublicApi } from './public'
import { browserShelf, Memory } from './storage'
import { placeOf } from './view/place'

declare global {
  interface Window {
    contactCenter?: PublicApi | Command[]
  }
}

const NAME = 'contact-center-chat'

async function begin(script: HTMLScriptElement): Promise<void> {
  if (script.dataset['preview'] !== undefined) return preview(placeOf(script))
  const key = script.dataset['key']
  if (!key || !/^[\w-]{1,64}$/.test(key)) throw new Error('the script tag needs data-key="…"')
  const api = new Api(new URL(script.src).origin, key)
  const info = await api.widget(wanted(script))
  await pageReady()
  if (document.querySelector(NAME)) return
  const hearers = new Hearers()
  const mount = new Mount(api, new Memory(browserShelf(info.storage), key, info.consent !== null), info, placeOf(script), (event, detail) => hearers.tell(event, detail))
  mount.start()
  announce(publicApi(mount, hearers, () => delete window.contactCenter))
}

function announce(made: PublicApi): void {
  const queued = window.contactCenter
  window.contactCenter = made
  if (Array.isArray(queued)) made.push(...queued)
  document.dispatchEvent(new CustomEvent(`${NAME}:ready`))
}

function wanted(script: HTMLScriptElement): string[] {
  return [script.dataset['locale'], document.documentElement.lang, ...navigator.languages].filter((one): one is string => Boolean(one))
}

function pageReady(): Promise<void> {
  if (document.readyState !== 'loading') return Promise.resolve()
  return new Promise((resolve) => document.addEventListener('DOMContentLoaded', () => resolve(), { once: true }))
}

const own = document.currentScript
if (own instanceof HTMLScriptElement) void begin(own).catch(complain)
