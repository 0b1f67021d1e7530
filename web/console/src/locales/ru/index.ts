import type { Messages } from '../en/index'
import admin from './admin'
import day from './day'
import desk from './desk'
import floor from './floor'
import flow from './flow'
import house from './house'
import messengers from './messengers'
import pages from './pages'
import phone from './phone'
import provider from './provider'
import routing from './routing'
import settings from './settings'
import welcome from './welcome'
import whatIf from './what-if'
import widget from './widget'

const ru: Messages = { ...house, ...desk, ...day, ...pages, ...floor, ...admin, ...routing, ...settings, ...messengers, ...flow, ...phone, ...provider, ...welcome, ...whatIf, ...widget }
export default ru
