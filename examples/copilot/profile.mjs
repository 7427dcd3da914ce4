// What Debrief knows of a user, read before the copilot answers: its Profile API, as text for a prompt.

const base = process.env.DEBRIEF_URL ?? 'http://127.0.0.1:8080'
const token = process.env.DEBRIEF_TOKEN ?? '' // an API token; "debrief token create NAME" makes one

/**
 * Returns traits and the paragraph for the prompt. Nobody waits for it: without an answer in half a second the
 * copilot does without.
 */
export async function profileOf(user) {
  const id = user.userId ? `user_id:${user.userId}` : `anonymous_id:${user.anonymousId}`
  const path = `${base}/v1/spaces/default/collections/users/profiles/${encodeURIComponent(id)}/traits`
  try {
    const [traits, prompt] = await Promise.all([read(`${path}?limit=200`), read(`${path}?format=prompt`)])
    return { traits: traits ? JSON.parse(traits).traits : {}, prompt: prompt ?? '' }
  } catch {
    return { traits: {}, prompt: '' }
  }
}

async function read(url) {
  const answer = await fetch(url, {
    headers: { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` },
    signal: AbortSignal.timeout(500),
  })
  return answer.ok ? answer.text() : null
}
