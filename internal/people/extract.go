package people

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profilestore"
)

const (
	maxNamed  = 20       // identifiers of one call
	maxTraits = 300      // of one call, as Segment's
	maxTrait  = 32 << 10 // bytes of a value
)

// extractor takes out of rows who they are about. Its zero value knows no types of identifiers beyond the usual.
type extractor struct {
	blocked func(value string) bool
	// own are types that the rules name and that calls may give as traits.
	own []identity.Type
}

// add adds what a row and its call say to a note. A row without Raw says less: nothing of its context.
func (x *extractor) add(n *profilestore.Note, e *event.Event) {
	call := identity.Call{At: e.OccurredAt, Event: e.ID, Source: e.Source, Derived: e.DerivedFrom != ""}
	name := func(t identity.Type, value string) {
		i := identity.Identifier{Type: t, Value: strings.Clone(normal(t, value))} // rows share memory with their record
		if i.Value != "" && len(call.Named) < maxNamed && (t == identity.User || t == identity.Anonymous || !x.blocked(i.Value)) {
			call.Named = append(call.Named, i)
		}
	}
	name(identity.User, e.UserID)
	name(identity.Anonymous, e.AnonymousID)
	who := x.who(e)
	var traits map[string]json.RawMessage
	if e.Kind == event.KindIdentity {
		traits = object(e.Properties)
		switch e.Action {
		case "identified":
			x.nameTraits(traits, name)
		case "aliased":
			if call.Previous = text(traits["previousId"]); x.blocked(call.Previous) {
				call.Previous = ""
			}
			traits = nil
		}
	}
	if mayName(e.Raw) {
		var c struct{ Context json.RawMessage }
		_ = json.Unmarshal(e.Raw, &c) // what is none says nothing
		x.nameContext(c.Context, name)
	}
	seen, claims := call.Evidence()
	n.Seen = append(n.Seen, seen...)
	for _, c := range claims {
		if !x.blocked(c.A.Value) && !x.blocked(c.B.Value) {
			n.Claims = append(n.Claims, c)
		}
	}
	x.addTraits(n, e, who, traits)
}

// addTraits adds the traits of an identify or group call, and whom an account has.
func (x *extractor) addTraits(n *profilestore.Note, e *event.Event, who identity.Identifier, traits map[string]json.RawMessage) {
	account := ""
	if e.GroupID != "" && !x.blocked(e.GroupID) {
		account = e.GroupID
		n.Groups = append(n.Groups, profilestore.Group{Account: account, Member: who, At: e.OccurredAt, Event: e.ID, Source: e.Source})
	}
	of := profilestore.Trait{Of: who, At: e.OccurredAt, Event: e.ID, Source: e.Source}
	switch {
	case e.Kind == event.KindIdentity && e.Action == "grouped" && account != "":
		of.Of, of.Account = identity.Identifier{}, account
	case e.Kind == event.KindIdentity && e.Action == "identified" && who.Value != "":
	default:
		return
	}
	delete(traits, "extra") // what was sent beside the traits
	names := make([]string, 0, len(traits))
	for name, value := range traits {
		if name != "" && len(name) <= 256 && len(value) <= maxTrait {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), maxTraits)] {
		t := of
		t.Name, t.Value = name, bytes.Clone(traits[name])
		n.Traits = append(n.Traits, t)
	}
}

// who is the id that stands for the row by itself: its user's, unless that is nobody's.
func (x *extractor) who(e *event.Event) identity.Identifier {
	switch {
	case e.UserID != "" && !x.blocked(e.UserID):
		return identity.Identifier{Type: identity.User, Value: e.UserID}
	case e.AnonymousID != "" && !x.blocked(e.AnonymousID):
		return identity.Identifier{Type: identity.Anonymous, Value: e.AnonymousID}
	}
	return identity.Identifier{}
}

// nameTraits finds identifiers among traits: the address, and the workspace's own types in snake or camel case.
func (x *extractor) nameTraits(traits map[string]json.RawMessage, name func(identity.Type, string)) {
	name(identity.Email, text(traits["email"]))
	for _, t := range x.own {
		if v := text(traits[string(t)]); v != "" {
			name(t, v)
		} else if c := camel(string(t)); c != string(t) {
			name(t, text(traits[c]))
		}
	}
}

// nameContext finds identifiers in the context of a call, where Segment's libraries put them.
func (x *extractor) nameContext(context json.RawMessage, name func(identity.Type, string)) {
	var c struct{ Traits, ExternalIds, Device json.RawMessage }
	if json.Unmarshal(context, &c) != nil {
		return
	}
	x.nameTraits(object(c.Traits), name)
	var external []json.RawMessage
	_ = json.Unmarshal(c.ExternalIds, &external)
	for _, one := range external {
		id := object(one)
		collection, encoding, t := text(id["collection"]), text(id["encoding"]), identity.Type(text(id["type"]))
		if (collection == "" || collection == "users") && (encoding == "" || encoding == "none") && t != "" && len(t) <= 64 && t != "group_id" {
			name(t, text(id["id"]))
		}
	}
	device := object(c.Device)
	kind := strings.ToLower(text(device["type"]))
	if kind != "ios" && kind != "android" {
		return
	}
	name(identity.Type(kind+".id"), text(device["id"]))
	name(identity.Type(kind+".push_token"), text(device["token"]))
	if string(device["adTrackingEnabled"]) == "true" {
		name(identity.Type(kind+".idfa"), text(device["advertisingId"]))
	}
}

// mayName reports whether a call may hold identifiers that its row has no columns for.
func mayName(raw []byte) bool {
	return bytes.Contains(raw, []byte(`"externalIds"`)) || bytes.Contains(raw, []byte(`"device"`)) || bytes.Contains(raw, []byte(`"traits"`))
}

// normal brings a value to the one form of its type; empty for what is none.
func normal(t identity.Type, value string) string {
	switch t {
	case identity.User, identity.Anonymous:
		return value // as rows have it
	case identity.Email:
		value = strings.ToLower(strings.TrimSpace(value))
		if !strings.Contains(value, "@") && !strings.HasPrefix(value, "email_") { // a pseudonym, ADR 0012
			return ""
		}
		return value
	}
	return strings.TrimSpace(value)
}

// remembering returns the extractor with a memory of which values are blocked, for one goroutine and one batch.
func (x *extractor) remembering() *extractor {
	known := map[string]bool{}
	return &extractor{own: x.own, blocked: func(value string) bool {
		is, ok := known[value]
		if !ok {
			is = x.blocked(value)
			known[value] = is
		}
		return is
	}}
}

// object returns the members of an object; none of anything else.
func object(j json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if len(j) == 0 || json.Unmarshal(j, &out) != nil {
		return nil
	}
	return out
}

// text returns a string, or a number as it was sent; empty for anything else.
func text(j json.RawMessage) string {
	if len(j) == 0 {
		return ""
	}
	if c := j[0]; c == '-' || c >= '0' && c <= '9' {
		return string(j)
	}
	var out string
	if json.Unmarshal(j, &out) != nil {
		return ""
	}
	return out
}

// camel turns snake case into camel case.
func camel(s string) string {
	var b strings.Builder
	up := false
	for _, c := range s {
		switch {
		case c == '_':
			up = true
			continue
		case up:
			c = unicode.ToUpper(c)
		}
		up = false
		b.WriteRune(c)
	}
	return b.String()
}
