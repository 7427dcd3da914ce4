package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// person is somebody who uses the copilot.
type person struct {
	anonymousID, userID string // userID is used once known
	known, identified   bool   // signed in; identify was sent
	name, plan, country string
	locale              string
	company             string
	activity            float64 // how often, relative to others
	temper              float64 // -1 (hard to please) … 1
	joins, leaves       int     // days of the month, inclusive
	lastConversation    string
}

var (
	givenNames = []string{"Ada", "Amir", "Bea", "Chidi", "Dana", "Elif", "Femi", "Greta", "Hana", "Igor", "Jun", "Kaja", "Lena", "Mateo", "Nia", "Omar", "Priya", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Vera", "Wes", "Yara", "Zoe"}
	surnames   = []string{"Abel", "Brandt", "Costa", "Diallo", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jensen", "Kaya", "Lopez", "Moreau", "Novak", "Okafor", "Park", "Rossi", "Silva", "Tanaka", "Weber"}
	companies  = []string{"Initech", "Umbra Labs", "Northwind", "Acme Freight", "Blue Heron", "Kestrel"}
)

var countries = []struct{ code, locale string }{
	{"US", "en-US"}, {"US", "en-US"}, {"GB", "en-GB"}, {"DE", "de-DE"}, {"FR", "fr-FR"}, {"BR", "pt-BR"}, {"IN", "en-IN"},
}

func newPerson(rng *rand.Rand, i, days int) *person {
	given, family := givenNames[rng.IntN(len(givenNames))], surnames[rng.IntN(len(surnames))]
	where := countries[rng.IntN(len(countries))]
	p := &person{
		anonymousID: fmt.Sprintf("anon-%04d-%06x", i, rng.Uint32()&0xffffff),
		userID:      fmt.Sprintf("user-%04d", i+1),
		name:        given + " " + family,
		country:     where.code, locale: where.locale,
		plan:     pickWeighted(rng, []string{"free", "pro", "enterprise"}, []float64{0.6, 0.3, 0.1}),
		activity: 0.15 + rng.ExpFloat64(),
		temper:   rng.NormFloat64() / 2,
		leaves:   days,
	}
	if p.plan == "enterprise" {
		p.company = companies[rng.IntN(len(companies))]
		p.activity *= 1.6
	}
	if rng.Float64() < 0.45 {
		p.joins = rng.IntN(days)
	}
	if rng.Float64() < 0.35 {
		p.leaves = p.joins + rng.IntN(days)
	}
	p.known = rng.Float64() < 0.55
	return p
}

// who returns the ids of a call: the anonymous id always, the user id once the person is known.
func (p *person) who(call map[string]any) map[string]any {
	call["anonymousId"] = p.anonymousID
	if p.known {
		call["userId"] = p.userID
	}
	return call
}

// meet sends what an app sends when it learns who somebody is.
func (p *person) meet(m *month, at time.Time) {
	if p.identified || !p.known {
		return
	}
	p.identified = true
	m.emit(WebApp, at, p.who(map[string]any{
		"type": "identify",
		"traits": map[string]any{
			"name": p.name, "email": p.userID + "@example.com", "plan": p.plan,
			"address": map[string]any{"country": p.country}, "createdAt": m.start.AddDate(0, 0, p.joins).Format(time.RFC3339),
		},
		"context": p.context(),
	}))
	if p.company != "" {
		m.emit(WebApp, at.Add(15*time.Millisecond), p.who(map[string]any{
			"type": "group", "groupId": p.company, "traits": map[string]any{"name": p.company, "plan": p.plan},
		}))
	}
}

func (p *person) context() map[string]any {
	return map[string]any{"locale": p.locale, "library": map[string]any{"name": "@segment/analytics-node", "version": "3.1.0"}}
}

func pickWeighted(rng *rand.Rand, values []string, weights []float64) string {
	x := rng.Float64()
	for i, w := range weights {
		if x -= w; x < 0 {
			return values[i]
		}
	}
	return values[len(values)-1]
}
