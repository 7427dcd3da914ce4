/** Why a command was not carried out. */
export class Refusal extends Error {}

/** Refuses the command under way. */
export function refuse(why: string): never {
  throw new Refusal(why)
}
