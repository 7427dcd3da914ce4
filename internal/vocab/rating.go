package vocab

import (
	"math"
	"strings"
)

// Scale is the range of a rating.
type Scale struct{ Min, Max float64 }

// thumbs is the scale of everything that says yes or no.
var thumbs = Scale{0, 1}

// ParseScale reads a scale as clients write it: "a-b" or "a/b", "n" for 1 to n, or a word. It
// reports false if it cannot.
func ParseScale(s string) (Scale, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "thumb", "thumbs", "boolean", "bool", "binary":
		return thumbs, true
	case "nps":
		return Scale{0, 10}, true
	case "csat":
		return Scale{1, 5}, true
	case "ces":
		return Scale{1, 7}, true
	case "":
		return Scale{}, false
	}
	if n, ok := ParseNumber(s); ok {
		return Scale{1, n}, n > 1
	}
	// The separator is not the sign of the first number.
	i := strings.IndexAny(s[1:], "-/")
	if i < 0 {
		return Scale{}, false
	}
	lo, okLo := ParseNumber(s[:i+1])
	hi, okHi := ParseNumber(s[i+2:])
	return Scale{lo, hi}, okLo && okHi && lo < hi
}

// score brings a rating to 0..1; false if it lies outside the scale.
func (s Scale) score(rating float64) (float64, bool) {
	if rating < s.Min || rating > s.Max {
		return 0, false
	}
	return (rating - s.Min) / (s.Max - s.Min), true
}

var verdictSpelling = strings.NewReplacer("_", "", "-", "", " ", "")

// verdict reads a rating that says yes or no in words, or as boolean: 1, 0, or false.
func verdict(v Value, text string) (float64, bool) {
	if v.IsBool() {
		text = v.text
	}
	switch verdictSpelling.Replace(strings.ToLower(text)) {
	case "true", "thumbsup", "thumbup", "up", "positive", "like", "👍":
		return 1, true
	case "false", "thumbsdown", "thumbdown", "down", "negative", "dislike", "👎":
		return 0, true
	}
	return 0, false
}

// TakeRating takes a rating and its scale and fills rating_raw, rating_scale_raw, rating_min,
// rating_max and score. The scale is the one sent, else the source's, else inferred from the value
// alone; a maximum that was observed is never used. It reports whether a scale was sent.
func (c *Call) TakeRating(key string) (scaled bool) { return c.TakeRatingOn(key, "") }

// TakeRatingOn is TakeRating for a vocabulary that knows the scale where neither the call nor the source
// says one: own, as [ParseScale] reads it.
func (c *Call) TakeRatingOn(key, own string) (scaled bool) {
	e := c.Row
	scale, known, scaled := c.takeScale()
	if !known && !scaled {
		scale, known = ParseScale(own)
	}
	v := c.Property(key)
	text, ok := v.Text()
	text = strings.TrimSpace(text)
	switch {
	case v.Absent() || ok && text == "":
		c.Take(key)
		c.Violation("missing_rating")
		return scaled
	case !ok:
		c.Violation("invalid_rating")
		return scaled
	}
	c.Take(key)
	e.RatingRaw = text
	number, isNumber := ParseNumber(text)
	yes, isVerdict := verdict(v, text)
	if !known {
		scale, known = c.inferScale(text, number, isNumber, isVerdict)
	}
	if !known {
		if !scaled {
			c.Violation("missing_rating_scale")
		}
		return scaled
	}
	e.RatingMin, e.RatingMax = new(scale.Min), new(scale.Max)
	switch {
	case scale == thumbs && isVerdict:
		number = yes
	case !isNumber:
		c.Violation("invalid_rating")
		return scaled
	case scale == thumbs && number == -1: // thumbs as ±1
		number = 0
	}
	if score, ok := scale.score(number); ok {
		e.Score = &score
	} else {
		c.Violation("rating_out_of_range")
	}
	return scaled
}

// takeScale takes the scale that was sent, or the source's.
func (c *Call) takeScale() (s Scale, known, sent bool) {
	for _, key := range [...]string{"rating_scale", "ratingScale", "scale"} {
		text, ok := c.Property(key).Text()
		if !ok || strings.TrimSpace(text) == "" {
			continue
		}
		c.Take(key)
		c.Row.RatingScaleRaw = text
		if s, known = ParseScale(text); known {
			return s, true, true
		}
		c.Violation("unknown_rating_scale")
		sent = true
		break
	}
	if plan := c.Source.PlannedScale; plan != nil {
		if s, known = ParseScale(plan(c.Type, c.Name)); known {
			return s, true, sent
		}
	}
	s, known = ParseScale(c.Source.RatingScale)
	return s, known, sent
}

// inferScale guesses the scale from the value: words, booleans and a signed one are thumbs, a whole
// number of 1 to 5 is of five. A plain 1 is the lowest of five: a source whose thumbs are 1 and -1
// says so in its settings.
func (c *Call) inferScale(text string, number float64, isNumber, isVerdict bool) (Scale, bool) {
	switch {
	case isVerdict, isNumber && number == -1, text == "+1":
		c.infer("0-1")
		return thumbs, true
	case isNumber && number >= 1 && number <= 5 && number == float64(int(number)):
		c.infer("1-5")
		return Scale{1, 5}, true
	}
	return Scale{}, false
}

func (c *Call) infer(scale string) {
	c.Row.Inferred = true
	c.Repair("inferred_rating_scale", "", scale)
}

// Signal sets the implicit signal of a row, of dimension "answer".
func (c *Call) Signal(weight float64) {
	c.Row.SignalDimension, c.Row.SignalWeight = "answer", &weight
}

// SignalScore makes the signal of a row of its score: 0..1 becomes -1..1. Without a score there is none.
func (c *Call) SignalScore() {
	if c.Row.Score != nil {
		c.Signal(math.Round((2**c.Row.Score-1)*1e6) / 1e6)
	}
}

// TakeMoney takes what Segment reserves for amounts: revenue, else value, and currency.
func (c *Call) TakeMoney() {
	c.Row.Amount = c.TakeNumber("invalid_amount", "revenue", "value")
	if v := c.Property("currency"); v.IsString() {
		if s, _ := v.Text(); s != "" {
			c.Take("currency")
			c.Row.Currency = s
		}
	}
}

// TakeNumber takes the first of the properties that holds a finite number, or a string that is one.
// Anything else but null is left and noted as violation.
func (c *Call) TakeNumber(violation string, keys ...string) *float64 {
	for _, key := range keys {
		v := c.Property(key)
		if v.Absent() {
			continue
		}
		text, _ := v.Text()
		n, ok := ParseNumber(text)
		if !ok || v.IsBool() {
			c.Violation(violation)
			continue
		}
		if v.IsString() {
			c.Repair("number_from_text", key, text)
		}
		c.Take(key)
		return &n
	}
	return nil
}
