// Completes dist after Vite: removes assets of earlier builds, adds the analytics.js that Segment's HTML
// snippet loads, adds licences, compresses, and holds the size budget.
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const budget = 150 * 1024 // gzipped bytes of the JavaScript that the first page waits for
const root = fileURLToPath(new URL('..', import.meta.url))
const dist = path.join(root, 'dist')
const modules = path.join(root, 'node_modules')

await removeCompressed()
await removeStale()
await copyAnalytics()
await copyLicences()
const total = await compress()
console.log(`JavaScript: ${(total / 1024).toFixed(1)} KB gzipped of ${budget / 1024} KB`)
if (total > budget) {
  console.error('The JavaScript is over its budget.')
  process.exit(1)
}

/** Removes hashed files that the manifest of this build does not name. */
async function removeStale() {
  const wanted = new Set()
  const queue = ['index.html']
  const assets = await readdir(path.join(dist, 'assets'))
  while (queue.length > 0) {
    const text = await readFile(path.join(dist, queue.pop()), 'latin1')
    for (const name of assets) {
      if (!wanted.has(name) && text.includes(name)) {
        wanted.add(name)
        if (/\.(js|css)$/.test(name)) queue.push(`assets/${name}`)
      }
    }
  }
  for (const name of assets) {
    if (!wanted.has(name)) await rm(path.join(dist, 'assets', name))
  }
}

/** Copies Segment's browser library as it was published, without source maps. The server serves it at
 *  /analytics.js/v1/{key}/; the lazy chunks are loaded from beside it. */
async function copyAnalytics() {
  const from = path.join(modules, '@segment/analytics-next')
  const to = path.join(dist, 'analytics.js')
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  for (const name of await readdir(path.join(from, 'dist/umd'))) {
    if (!name.endsWith('.js') || name === 'index.js') continue
    await cp(path.join(from, 'dist/umd', name), path.join(to, name === 'standalone.js' ? 'analytics.min.js' : name))
  }
  await cp(path.join(from, 'LICENSE.MD'), path.join(to, 'LICENSE'))
}

/** Writes the licences of what is bundled to dist/licences.txt. */
async function copyLicences() {
  const require = createRequire(import.meta.url)
  let text = 'Debrief’s web UI contains these works.\n'
  for (const name of ['preact', '@preact/signals', '@preact/signals-core', 'uplot', '@fontsource-variable/inter']) {
    const folder = path.join(modules, name)
    const { version } = require(path.join(folder, 'package.json'))
    const file = (await readdir(folder)).find((f) => /^licen[cs]e/i.test(f))
    text += `\n──── ${name} ${version}\n\n${(await readFile(path.join(folder, file), 'utf8')).trim()}\n`
  }
  await writeFile(path.join(dist, 'licences.txt'), text)
}

/** Removes compressed copies of an earlier build. */
async function removeCompressed() {
  for (const name of await readdir(dist, { recursive: true })) {
    if (/\.(gz|br)$/.test(name)) await rm(path.join(dist, name))
  }
}

/** Puts .gz and .br next to every text file. It returns the gzipped size of the JavaScript that is loaded first. */
async function compress() {
  let total = 0
  const first = await loadedFirst()
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    if (!/\.(js|css|html|svg|txt)$/.test(file)) continue
    const data = await readFile(file)
    const gz = gzipSync(data, { level: 9 })
    const br = brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: data.length } })
    await writeFile(`${file}.gz`, gz)
    await writeFile(`${file}.br`, br)
    if (first.has(path.relative(path.join(dist, 'assets'), file))) total += gz.length
  }
  return total
}

/** The scripts that index.html loads, and what those import before they run; not what pages load when they are opened. */
async function loadedFirst() {
  const first = new Set()
  const queue = [...(await readFile(path.join(dist, 'index.html'), 'utf8')).matchAll(/assets\/([^"]+\.js)"/g)].map((m) => m[1])
  while (queue.length > 0) {
    const name = queue.pop()
    if (first.has(name)) continue
    first.add(name)
    const code = await readFile(path.join(dist, 'assets', name), 'utf8')
    queue.push(...[...code.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)].map((m) => m[1]))
  }
  return first
}
