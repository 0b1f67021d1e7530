import type { Messages } from '../en/index'
import admin from './admin'
import desk from './desk'
import house from './house'
import pages from './pages'

const ru: Messages = { ...house, ...desk, ...pages, ...admin }
export default ru
