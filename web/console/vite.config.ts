import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const server = process.env['CONTACT_CENTER_URL'] ?? 'http://127.0.0.1:8080'

/** Packed once here, so that the server sends the file as it is to whoever takes gzip. */
const packed = {
  name: 'packed',
  writeBundle({ dir = '' }: { dir?: string }, bundle: Record<string, unknown>): void {
    for (const name of Object.keys(bundle).filter((one) => /\.(js|css)$/.test(one))) {
      writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }))
    }
  },
}

export default defineConfig({
  plugins: [vue(), packed],
  base: '/',
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
  },
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: true },
      '/live': { target: server, ws: true, changeOrigin: true },
      '/demo': { target: server },
      '/widget': { target: server },
    },
  },
  build: {
    outDir: '../static/console',
    emptyOutDir: true,
    target: 'es2022',
    // The Content-Security-Policy allows no data: fonts or scripts; everything is its own file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // A page in few files: a browser asks an HTTP/1.1 server for six at once, and seventy small ones queue for a second.
        codeSplitting: {
          groups: [
            { name: 'telephone', test: /node_modules\/(@twilio|events|loglevel|tslib)\//, priority: 4 },
            { name: 'vendor', test: /node_modules\/(?!@tiptap|prosemirror|linkifyjs|orderedmap|rope-sequence|w3c-keyname)/, priority: 3 },
            { name: 'editor', test: /node_modules/, priority: 2 },
            { name: 'frame', test: /src\/(api|shared|shell)\//, priority: 1 },
          ],
        },
      },
    },
  },
  test: { environment: 'happy-dom', testTimeout: 30_000, include: ['tests/**/*.test.ts', 'src/**/*.test.ts'] },
})
