package signal

import "github.com/debrief-dev/debrief/internal/event"

// edited is an answer, or a question, that had to be changed. Code that was edited and then run was nearly right.
var edited = Definition{
	Name: "edited", Title: "Edited", Group: Action, Dimension: Answer, Weight: -0.2, Weights: "an answer −0.2, but +0.3 if it was executed afterwards; a question that was sent again −0.3",
	Rule: "The user edited an answer's code, or edited a question and sent it again. Code that was executed afterwards in the same conversation was nearly right.",
	find: func(f *finder) {
		f.each(func(i int) {
			e := f.Events[i]
			switch {
			case e.Kind == event.KindInteraction && e.Action == "edited" && f.setting.Weight == nil && f.executedAfter(i):
				f.taken[i] = true
				f.add(i, f.judged(i), 0.3, "edited, and executed afterwards")
			case e.Kind == event.KindInteraction && e.Action == "edited":
				f.see(i, "edited%s", f.after(i))
			case isUser(e) && e.SignalWeight != nil && *e.SignalWeight < 0 && *e.SignalWeight > -0.4: // Amplitude's Is Edit
				f.taken[i] = true
				f.add(i, f.lastAnswer[i], f.weightOf(e), "question edited and sent again%s", f.after(i))
			}
		})
	},
}

func (f *finder) executedAfter(at int) bool {
	for _, e := range f.Events[at+1:] {
		if e.Kind == event.KindTool && e.Action == "called" && e.Actor == event.RoleUser && e.ToolType == "run_command" {
			return true
		}
	}
	return false
}
