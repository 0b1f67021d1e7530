import { defineConfig } from 'vitest/config'

export default defineConfig({
  build: {
    outDir: '../static/widget',
    emptyOutDir: true,
    target: 'es2020',
    // One classic script: a page needs a single tag, and nothing else is fetched to start.
    lib: { entry: 'src/main.ts', formats: ['iife'], name: '__contactCenterChat', fileName: () => 'widget.js' },
    reportCompressedSize: true,
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
})
