package signal

import "github.com/debrief-dev/debrief/internal/event"

// rating is what somebody gave on a scale of more than two steps.
var rating = Definition{
	Name: "rating", Title: "Rated", Group: Explicit, Dimension: Answer, Weights: "the rating, from −1 (worst) to +1 (best)",
	Rule: "The user rated an answer or the conversation on a scale. It decides for its answer: what else was implied of that answer has no weight.",
	find: func(f *finder) { f.rated(false) },
}

// rated adds the user's ratings: thumbs, or those of finer scales. A rating whose score is not known, or that
// was taken back, is none.
func (f *finder) rated(thumbs bool) {
	f.each(func(i int) {
		e := f.Events[i]
		if !isRating(e) || isThumb(e) != thumbs {
			return
		}
		f.taken[i] = true
		judged := -1 // the conversation as a whole
		if e.MessageID != "" {
			judged = f.judged(i)
		}
		if thumbs && *e.Score >= 0.5 {
			f.add(i, judged, 2**e.Score-1, "thumb up")
		} else if thumbs {
			f.add(i, judged, 2**e.Score-1, "thumb down")
		} else {
			f.add(i, judged, 2**e.Score-1, "rated %.0f of 100", 100**e.Score)
		}
	})
}

// IsRating reports whether an event is a rating by a user that counts.
func IsRating(e *event.Event) bool { return isRating(e) }

func isRating(e *event.Event) bool {
	return e.Kind == event.KindFeedback && e.Action == "rated" && e.Score != nil && (e.Rater == "" || e.Rater == "user")
}

// isThumb reports whether a rating has two steps.
func isThumb(e *event.Event) bool {
	return e.RatingMin != nil && e.RatingMax != nil && (*e.RatingMax-*e.RatingMin == 1 || *e.RatingMin == -1 && *e.RatingMax == 1)
}
