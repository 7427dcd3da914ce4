/** A call that puts a person into an account, to copy. */
export const groupCall = (origin: string, key: string): string => `curl ${origin}/v1/group -u ${key}: -H 'Content-Type: application/json' -d '{
  "userId": "u1",
  "groupId": "acme",
  "traits": {"name": "Acme", "plan": "enterprise"}
}'`
