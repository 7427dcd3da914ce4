// Builds dist/tag.js and its gzipped copy, and holds the size budget.
import { build } from 'esbuild'
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const budget = 8 * 1000 // bytes, minified
const tag = fileURLToPath(new URL('dist/tag.js', import.meta.url))

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('src/tag.ts', import.meta.url))],
  bundle: true, minify: true, write: false, format: 'iife', target: 'es2020', charset: 'utf8', legalComments: 'none',
  mangleProps: /^_[a-z]/, // members that no page and no storage sees
})
const code = outputFiles[0].contents
const zipped = gzipSync(code, { level: 9 })
console.log(`tag.js: ${code.length} bytes of ${budget}, ${zipped.length} gzipped`)
if (code.length > budget) {
  console.error('The tag is over its budget.')
  process.exit(1)
}
await writeFile(tag, code)
await writeFile(`${tag}.gz`, zipped)
