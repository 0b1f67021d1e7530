// Refuses a widget that has grown past what a foreign page should be asked to load.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT_BYTES = 40 * 1024
const size = gzipSync(readFileSync(new URL('../../static/widget/widget.js', import.meta.url)), { level: 9 }).length
console.log(`widget.js: ${size} bytes gzip (limit ${LIMIT_BYTES})`)
if (size >= LIMIT_BYTES) process.exit(1)
