// Writes src/api/schema.d.ts from the description of the HTTP API, so that the UI cannot drift from it.
import { writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const description = new URL('../../internal/api/openapi.yaml', import.meta.url)
const target = new URL('../src/api/schema.d.ts', import.meta.url)
await writeFile(target, astToString(await openapiTS(description)))
