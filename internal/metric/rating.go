package metric

import "github.com/debrief-dev/debrief/internal/query"

// rating defines rating: what users gave, on their own scale.
func rating() Metric {
	return Metric{
		Name:        "rating",
		Title:       "Rating",
		Description: "What users gave, on their own scale.",
		Definition:  "Mean rating in the numbers of the scale. Absent where ratings are of several scales: break down by rating_min,rating_max, and by rating_raw for a histogram.",
		Unit:        Rating,
		Better:      Up,
		Grain:       query.Events,
		Rows:        query.AllOf(kind("feedback", "rated"), has("score")),
		Value:       query.Measure{Op: query.Mean, Field: "score"},
		OnScale:     true,
		Stats:       []Stat{Mean, Median, Min, Max},
		Dimensions:  eventDimensions("rating_min", "rating_max", "rating_raw", "rating_scale_raw", "scope"),
	}
}
