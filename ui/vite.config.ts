import { defineConfig } from 'vitest/config'

// In development the API is asked of a running server.
const server = process.env.DEBRIEF_URL ?? 'http://127.0.0.1:8080'
const proxied = Object.fromEntries(['/api', '/login', '/logout', '/account', '/v1'].map((path) => [path, { target: server }]))

export default defineConfig({
  build: {
    target: 'es2022',
    // Nothing may be inlined: the content security policy forbids data: fonts and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    emptyOutDir: false, // dist/.keep is committed; scripts/finish.mjs removes what is stale
  },
  server: { proxy: proxied },
  preview: { proxy: proxied },
  test: { include: ['src/**/*.test.ts'] },
})
