import type { IdentityRulesStatus } from '../../api/types'
import { count } from '../../format/number'

/** How far people are by the rules. */
export function Progress({ rules, reload }: { rules: IdentityRulesStatus; reload: () => void }) {
  return (
    <div class="notice job">
      <span role="status" class="num">{rules.rows < rules.total ? `Reading what is stored: ${count(rules.rows)} of ${count(rules.total)} …` : `${count(rules.waiting)} ids are being looked at …`}</span>
      {rules.rows < rules.total && <progress aria-label="Reading what is stored" max={Math.max(1, rules.total)} value={rules.rows} />}
      <button type="button" class="button" onClick={reload}>Look again</button>
    </div>
  )
}
