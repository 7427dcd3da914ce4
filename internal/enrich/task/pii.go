package task

import (
	"unicode/utf8"

	"github.com/debrief-dev/debrief/internal/enrich/pii"
)

func piiTask() Task {
	return Task{
		Name:    "pii",
		Summary: "personal data and secrets in a text, as redaction finds them; offsets count code points",
		Reads:   `{"id": "m1", "text": "I am Ann, ann@example.com"}`,
		Writes:  `{"id": "m1", "spans": [{"start": 5, "end": 8, "type": "PERSON"}, {"start": 10, "end": 25, "type": "EMAIL_ADDRESS"}]}`,
		Run: func(in *Reader, out *Writer) error {
			type text struct {
				ID   string `json:"id"`
				Text string `json:"text"`
			}
			type span struct {
				Start int    `json:"start"`
				End   int    `json:"end"`
				Type  string `json:"type"`
			}
			tagger := pii.NewTagger()
			return lines(in, func(line *text) error {
				spans := []span{}
				at, chars := 0, 0
				count := func(to int) int {
					chars += utf8.RuneCountInString(line.Text[at:to])
					at = to
					return chars
				}
				for _, f := range tagger.All(line.Text) {
					spans = append(spans, span{count(f.Start), count(f.End), piiTypes[f.Rule]})
				}
				return out.Put(struct {
					ID    string `json:"id"`
					Spans []span `json:"spans"`
				}{line.ID, spans})
			})
		},
	}
}

// piiTypes are the words of the scorer for the rules of package pii.
var piiTypes = map[pii.Rule]string{
	pii.Email: "EMAIL_ADDRESS", pii.Card: "CREDIT_CARD", pii.IBAN: "IBAN_CODE", pii.Phone: "PHONE_NUMBER", pii.SSN: "US_SSN", pii.IP: "IP_ADDRESS",
	pii.URL: "DOMAIN_NAME", pii.Licence: "US_DRIVER_LICENSE", pii.Secret: "SECRET", pii.Person: "PERSON", pii.Address: "STREET_ADDRESS", pii.Place: "GPE",
	pii.Organisation: "ORGANIZATION", pii.Date: "DATE_TIME", pii.Age: "AGE", pii.Postcode: "ZIP_CODE", pii.Title: "TITLE", pii.Group: "NRP",
}
