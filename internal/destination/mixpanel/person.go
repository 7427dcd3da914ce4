package mixpanel

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/debrief-dev/debrief/internal/destination"
)

// lay puts what Mixpanel is told by the i-th call into the plan. The error is a [destination.Discarded].
func (s *sender) lay(p *plan, i int, c *destination.Call) error {
	switch c.Type {
	case "identify":
		return s.layIdentify(p, i, c)
	case "group":
		if c.GroupID == "" {
			return invalid("the group call has no groupId")
		}
		return s.layProfile(p, i, c, routeGroups, map[string]any{"$group_key": s.groupKey, "$group_id": c.GroupID})
	case "alias":
		if c.PreviousID == "" || c.UserID == "" {
			return invalid("the alias call lacks a userId or previousId")
		}
		return s.layJoin(p, i, c, "$create_alias", map[string]any{"distinct_id": c.PreviousID, "alias": c.UserID})
	}
	r, err := event(c)
	if err == nil {
		p.add(i, c, routeImport, r)
	}
	return err
}

func (s *sender) layIdentify(p *plan, i int, c *destination.Call) error {
	if c.Person() == "" {
		return invalid("the identify call has neither userId nor anonymousId")
	}
	pair := [2]string{c.UserID, c.AnonymousID}
	if c.UserID != "" && c.AnonymousID != "" && !p.joined[pair] {
		if err := s.layJoin(p, i, c, "$identify", map[string]any{"$identified_id": c.UserID, "$anon_id": c.AnonymousID, "distinct_id": c.UserID}); err != nil {
			return err
		}
	}
	err := s.layProfile(p, i, c, routeEngage, map[string]any{"$distinct_id": c.Person(), "$time": c.At.UnixMilli()})
	p.joined[pair] = p.joined[pair] || err == nil // once a batch is enough
	return err
}

// layJoin adds an event that joins two ids.
func (s *sender) layJoin(p *plan, i int, c *destination.Call, event string, properties map[string]any) error {
	properties["token"] = s.token
	properties["time"] = c.At.UnixMilli()
	properties["$insert_id"] = insertID(c.MessageID)
	r, err := record(map[string]any{"event": event, "properties": properties})
	if err == nil {
		p.add(i, c, routeTrack, r)
	}
	return err
}

// layProfile adds updates of the profile that who says: an update is of one kind.
func (s *sender) layProfile(p *plan, i int, c *destination.Call, route string, who map[string]any) error {
	who["$token"] = s.token
	set, unset := profile(c.Traits)
	update := func(operation string, of any) error {
		who[operation] = of
		r, err := record(who)
		delete(who, operation)
		if err == nil {
			p.add(i, c, route, r)
		}
		return err
	}
	if len(set) > 0 || len(unset) == 0 {
		if err := update("$set", set); err != nil {
			return err
		}
	}
	if len(unset) > 0 {
		return update("$unset", unset)
	}
	return nil
}

// known are Segment's traits that Mixpanel has names of its own for.
var known = map[string]string{
	"email": "$email", "firstName": "$first_name", "first_name": "$first_name", "lastName": "$last_name", "last_name": "$last_name",
	"name": "$name", "phone": "$phone", "createdAt": "$created", "created_at": "$created", "username": "$username", "avatar": "$avatar",
}

// profile are traits under Mixpanel's names: those with a value, and the names of those that are null. Where two have
// one name there, a value goes before null.
func profile(traits map[string]json.RawMessage) (set map[string]json.RawMessage, unset []string) {
	set = map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(traits)) {
		if !destination.IsNull(traits[name]) {
			set[cmp.Or(known[name], name)] = traits[name]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(traits)) {
		theirs := cmp.Or(known[name], name)
		if _, said := set[theirs]; !said && !slices.Contains(unset, theirs) {
			unset = append(unset, theirs)
		}
	}
	return set, unset
}

// record is a value as Mixpanel takes it.
func record(v any) (json.RawMessage, error) {
	r, err := json.Marshal(v)
	if err != nil {
		return nil, invalid("the call is no JSON")
	}
	if len(r) > maxRecord {
		return nil, &destination.Discarded{Code: "too_large", Reason: "it has " + strconv.Itoa(len(r)) + " bytes; Mixpanel takes less than 1 MB"}
	}
	return r, nil
}

func invalid(reason string) error {
	return &destination.Discarded{Code: "invalid_call", Reason: reason}
}
