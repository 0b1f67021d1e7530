/** The look, as a style sheet of its own inside the shadow root; the page's styles do not reach it. */

import { parseColour, readableOn, textOn, toHex, type Rgb } from '../colour'
import type { WidgetInfo } from '../types'

const LIGHT: Rgb = [255, 255, 255]
const DARK: Rgb = [23, 26, 31]

/** What the administrator chose, made readable on both surfaces: only hex texts of ours and numbers. */
export function brand(info: WidgetInfo): string {
  const tones = [
    tone('light', parseColour(info.colour), LIGHT),
    tone('dark', parseColour(info.colour_dark), DARK),
    `--side:${Number(info.launcher.side) || 0}px`,
    `--foot:${Number(info.launcher.bottom) || 0}px`,
  ]
  return `:host{${tones.join(';')}}`
}

function tone(name: string, main: Rgb, surface: Rgb): string {
  return `--brand-${name}:${toHex(main)};--on-${name}:${toHex(textOn(main))};--accent-${name}:${toHex(readableOn(main, surface))}`
}

const DARKENED =
  '--surface:#171a1f;--sunken:#22272e;--line:#363d47;--ink:#edf0f4;--soft:#a5afbd;--brand:var(--brand-dark);--on-brand:var(--on-dark);--accent:var(--accent-dark);--bad:#ff9a8f;--good:#6fd3a2'

export const sheet = `
:host{all:initial;position:fixed;inset:auto 0 0 auto;z-index:2147483000;display:block;color-scheme:light dark}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.cc{--surface:#fff;--sunken:#f3f5f7;--line:#dde2e8;--ink:#15181d;--soft:#586170;--brand:var(--brand-light);--on-brand:var(--on-light);--accent:var(--accent-light);--bad:#b42318;--good:#18794e;
font:400 15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;color:var(--ink);-webkit-text-size-adjust:100%}
.cc.dark{${DARKENED}}
@media (prefers-color-scheme:dark){.cc.auto{${DARKENED}}}
button,input,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer;border:0;background:none;padding:0}
svg{width:1.25em;height:1.25em;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;flex:none}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.launcher{position:fixed;bottom:var(--foot);inset-inline-end:var(--side);min-width:56px;height:56px;border-radius:28px;display:flex;align-items:center;justify-content:center;gap:8px;max-width:calc(100vw - 2*var(--side));font-weight:600;background:var(--brand);color:var(--on-brand);box-shadow:0 1px 3px rgb(0 0 0/.25),0 8px 24px rgb(0 0 0/.2);transition:transform .15s}
.launcher:hover{transform:translateY(-1px)}
.launcher:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
.launcher svg{width:26px;height:26px}
.launcher.worded{padding-inline:18px 22px}
.left .launcher,.left .panel{inset-inline:var(--side) auto}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#b42318;color:#fff;font-size:12px;font-weight:600;line-height:22px;text-align:center}
.panel{position:fixed;bottom:calc(var(--foot) + 68px);inset-inline-end:var(--side);width:380px;max-width:calc(100vw - 2*var(--side));height:min(620px,calc(100vh - var(--foot) - 88px));height:min(620px,calc(100dvh - var(--foot) - 88px));display:flex;flex-direction:column;overflow:hidden;background:var(--surface);border:1px solid var(--line);border-radius:16px;box-shadow:0 16px 48px rgb(0 0 0/.24);animation:rise .18s ease-out}
@keyframes rise{from{opacity:0;transform:translateY(8px)}}
.head{display:flex;align-items:center;gap:12px;padding:14px 12px 14px 16px;background:var(--brand);color:var(--on-brand)}
.head h2{margin:0;font-size:16px;font-weight:650;line-height:1.25;overflow-wrap:anywhere}
.head p{margin:2px 0 0;font-size:13px}
.head div{flex:1;min-width:0}
.head .tag{font-size:12px;border:1px solid currentColor;border-radius:10px;padding:1px 8px;white-space:nowrap}
.iconic{width:44px;height:44px;flex:none;display:grid;place-items:center;border-radius:10px}
.head .iconic:focus-visible{outline-color:currentColor;outline-offset:-3px}
.strip{padding:7px 16px;font-size:13px;background:var(--sunken);color:var(--soft);border-bottom:1px solid var(--line)}
.notice{color:var(--bad)}
.stage{position:relative;flex:1;min-height:0;display:flex;flex-direction:column}
.log{flex:1;min-height:0;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:3px}
.log>:first-child{margin-top:auto}
.day{align-self:center;margin:10px 0;font-size:12px;color:var(--soft)}
.earlier{align-self:center;color:var(--accent);font-size:13px;padding:6px 10px;min-height:44px;border-radius:8px}
.row{display:flex;flex-direction:column;align-items:flex-start;max-width:86%}
.row.mine{align-self:flex-end;align-items:flex-end}
.row.group{margin-top:10px}
.who{font-size:12px;color:var(--soft);margin:0 4px 3px}
.bubble{padding:8px 12px;border-radius:14px;background:var(--sunken);overflow-wrap:anywhere;white-space:pre-wrap;max-width:100%}
.mine .bubble{background:var(--brand);color:var(--on-brand)}
.bubble a{color:var(--accent);text-decoration:underline;text-underline-offset:2px}
.mine .bubble a{color:inherit}
.under{display:flex;align-items:center;gap:6px;font-size:12px;color:var(--soft);margin:2px 4px 0}
.under svg{width:14px;height:14px}
.under.bad{color:var(--bad)}
.under button{color:var(--accent);text-decoration:underline;min-width:44px;min-height:44px}
.files{display:flex;flex-direction:column;gap:6px;margin-top:4px;max-width:100%}
.file{min-height:44px;min-width:44px;display:flex;align-items:center;gap:8px;border:1px solid var(--line);border-radius:12px;padding:8px 10px;background:var(--surface);max-width:100%;text-align:start}
.file span{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.file small{color:var(--soft);white-space:nowrap}
.picture{padding:0;overflow:hidden}
.picture canvas{display:block;max-width:100%;height:auto}
.typing{min-height:22px;padding:0 18px;font-size:13px;color:var(--soft)}
.jump{position:absolute;align-self:center;bottom:8px;display:flex;align-items:center;gap:6px;padding:7px 12px;min-height:44px;border-radius:22px;background:var(--surface);border:1px solid var(--line);box-shadow:0 4px 16px rgb(0 0 0/.18);font-size:13px}
.composer{border-top:1px solid var(--line);padding:8px}
.composer.over{background:var(--sunken)}
.chips{display:flex;flex-wrap:wrap;gap:6px;padding:2px 2px 8px}
.chip{position:relative;display:flex;align-items:center;gap:6px;max-width:100%;border:1px solid var(--line);border-radius:10px;padding-inline-start:8px;font-size:13px;overflow:hidden}
.chip span{max-width:150px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.chip canvas{width:28px;height:28px;object-fit:cover;border-radius:6px}
.chip progress{position:absolute;inset:auto 0 0;width:100%;height:3px;accent-color:var(--accent)}
.chip button{width:44px;height:44px;display:grid;place-items:center;color:var(--soft)}
.line{display:flex;align-items:flex-end;gap:4px}
.line .iconic{color:var(--soft)}
.line .go{color:var(--accent)}
.line .go:disabled{opacity:.4;cursor:default}
textarea{flex:1;min-width:0;min-height:44px;resize:none;max-height:140px;padding:9px 10px;border:1px solid transparent;border-radius:10px;background:var(--sunken);outline-offset:-1px}
::placeholder{color:var(--soft);opacity:1}
.form{padding:16px;display:flex;flex-direction:column;gap:12px;overflow-y:auto;border-top:1px solid var(--line)}
.form p{margin:0;color:var(--soft);font-size:14px}
.field{display:flex;flex-direction:column;gap:4px;font-size:14px}
.field small{color:var(--soft)}
.field input{padding:10px 12px;min-height:44px;border:1px solid var(--soft);border-radius:10px;background:var(--surface)}
.field input[aria-invalid=true]{border-color:var(--bad)}
.field .wrong{color:var(--bad);font-size:13px}
.primary{background:var(--brand);color:var(--on-brand);border-radius:10px;padding:11px 16px;min-height:46px;font-weight:600}
.primary:disabled{opacity:.6}
.home,.article{flex:1;min-height:0;display:flex;flex-direction:column;gap:12px;padding:16px;overflow-y:auto}
.home .lead{margin:0;font-size:16px}
.home .told{margin:0;color:var(--soft);font-size:14px}
.home .told:empty{display:none}
.search{display:flex;align-items:center;gap:8px;padding-inline-start:12px;border:1px solid var(--soft);border-radius:10px;color:var(--soft)}
.search input{flex:1;min-width:0;border:0;background:none;color:var(--ink);min-height:44px;outline:0}
.search:focus-within{outline:2px solid var(--accent);outline-offset:1px}
.found{list-style:none;margin:0 0 auto;padding:0}
.entry{display:flex;flex-direction:column;gap:2px;width:100%;min-height:44px;padding:9px 8px;text-align:start;border-radius:10px;border-bottom:1px solid var(--line)}
.entry:hover{background:var(--sunken)}
.entry b{font-weight:600;color:var(--accent)}
.entry span{color:var(--soft);font-size:13px;overflow:hidden;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical}
.article{padding:0;gap:0}
.pages{flex:1;min-height:0;overflow-y:auto;padding:16px}
.article .primary{margin:12px 16px}
.article h3{margin:0 0 8px;font-size:18px;line-height:1.3;outline:0}
.prose{overflow-wrap:anywhere}
.prose h4{margin:16px 0 6px;font-size:15px}
.prose p,.prose ul,.prose ol{margin:0 0 10px}
.prose ul,.prose ol{padding-inline-start:22px}
.prose pre{overflow-x:auto;background:var(--sunken);padding:10px;border-radius:8px;white-space:pre-wrap}
.prose table{border-collapse:collapse}
.prose td,.prose th{border:1px solid var(--line);padding:4px 8px;text-align:start}
.prose a,.pages>a{color:var(--accent)}
.back{margin-inline-start:-8px}
[dir=rtl] .go svg{transform:scaleX(-1)}
[dir=rtl] .back svg{transform:scaleX(-1)}
.past h3{margin:8px 0 0;font-size:13px;font-weight:600;color:var(--soft)}
.fresh{color:var(--bad)!important;font-weight:600}
.rating{align-self:stretch;margin-top:14px;padding:14px;border:1px solid var(--line);border-radius:14px;background:var(--sunken)}
.rating p{margin:0 0 10px}
.scores{display:flex;gap:8px}
.scores button{flex:1;min-height:44px;border:1px solid var(--soft);border-radius:10px;background:var(--surface);font-weight:600}
.scores button[aria-checked=true]{background:var(--brand);color:var(--on-brand);border-color:transparent}
.rating .ends{display:flex;justify-content:space-between;margin:4px 0 0;font-size:12px;color:var(--soft)}
.rating .more{display:flex;flex-direction:column;gap:8px;margin-top:10px}
.rating textarea{background:var(--surface);border-color:var(--soft)}
.hail{position:fixed;bottom:calc(var(--foot) + 68px);inset-inline-end:var(--side);width:min(320px,calc(100vw - 2*var(--side)));background:var(--surface);border:1px solid var(--line);border-radius:16px;box-shadow:0 8px 28px rgb(0 0 0/.2);padding:8px;animation:rise .18s ease-out}
.left .hail{inset-inline:var(--side) auto}
.hail:empty{display:none}
.hail .line{align-items:flex-start}
.hail .say{flex:1;min-height:44px;padding:10px;text-align:start;overflow-wrap:anywhere}
.hail .choices{margin:0;padding:0 10px 8px}
.form a{color:var(--accent)}
.choices{display:flex;flex-wrap:wrap;gap:8px;margin-top:10px}
.choices button{min-height:44px;min-width:44px;padding:8px 14px;border:1px solid var(--accent);border-radius:22px;color:var(--accent);font-weight:600;text-align:start;overflow-wrap:anywhere}
.choices button:hover{background:var(--sunken)}
.viewer{position:absolute;inset:0;z-index:1;display:flex;flex-direction:column;background:var(--surface)}
.viewer .bar{display:flex;align-items:center;gap:4px;padding-inline-start:14px;border-bottom:1px solid var(--line)}
.viewer .bar span{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.viewer .sight{flex:1;min-height:0;display:grid;place-items:center;padding:12px;overflow:auto}
.viewer canvas{max-width:100%;max-height:100%}
.viewer pre{margin:0;width:100%;height:100%;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;font-size:13px}
.hear{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.inline,.inline .panel{height:100%}
.inline .panel{position:relative;inset:auto;width:100%;max-width:none;min-height:360px;box-shadow:none;animation:none}
:host([inline]){position:relative;inset:auto;z-index:auto;height:100%}
@media (max-width:480px){.cc:not(.inline) .panel{inset:0;width:100%;max-width:none;height:100%;border:0;border-radius:0}.panel:not([hidden])~.launcher{display:none}textarea,input{font-size:16px}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){.launcher,.bubble,.primary,.head{border:1px solid}}
`

/** Put the sheets into `root` in a way that a strict Content-Security-Policy lets pass. */
export function dress(root: ShadowRoot, nonce: string, ...texts: string[]): void {
  if ('adoptedStyleSheets' in root && 'replaceSync' in CSSStyleSheet.prototype) {
    root.adoptedStyleSheets = texts.map((text) => {
      const made = new CSSStyleSheet()
      made.replaceSync(text)
      return made
    })
    return
  }
  const style = document.createElement('style')
  if (nonce) style.nonce = nonce
  style.textContent = texts.join('\n')
  ;(root as ShadowRoot).append(style)
}
