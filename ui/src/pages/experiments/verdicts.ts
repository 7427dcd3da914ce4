import type { ExperimentBody, ExperimentResult, VariantFigure } from '../../api/types'

type Verdict = ExperimentResult['verdict']

const titles: Readonly<Record<Verdict, string>> = {
  no_data: 'no data', sample_ratio_mismatch: 'sample ratio mismatch', guardrail_broken: 'guardrail broken',
  winning: 'winning', losing: 'losing', no_difference_yet: 'no difference yet',
}

export const verdictTitle = (v: Verdict | ''): string => (v === '' ? 'control' : titles[v])

/** The colour of a verdict; the words say the same. */
export function verdictTone(v: Verdict | ''): 'good' | 'bad' | 'warn' | '' {
  switch (v) {
    case 'winning': return 'good'
    case 'losing': case 'guardrail_broken': return 'bad'
    case 'sample_ratio_mismatch': return 'warn'
    default: return ''
  }
}

/** The colour of one figure beside that of the control. */
export function figureTone(v: VariantFigure['verdict']): 'good' | 'bad' | '' {
  return v === 'better' ? 'good' : v === 'unclear' ? '' : 'bad'
}

/** A definition as the API takes it. */
export function definition(field: string, variants: readonly string[], unit: 'conversation' | 'person', primary: string, guardrail: string): ExperimentBody {
  return {
    field: field.trim(), variants: variants.map((value) => ({ value })), unit, primary,
    guardrails: guardrail ? [{ metric: guardrail }] : [],
  }
}
