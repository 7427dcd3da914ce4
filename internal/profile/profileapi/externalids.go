package profileapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/identity"
	"github.com/debrief-dev/debrief/internal/profile"
	"github.com/debrief-dev/debrief/internal/query"
)

// externalID is an identifier in Segment's words.
type externalID struct {
	SourceID       string             `json:"source_id"`
	Collection     profile.Collection `json:"collection"`
	ID             string             `json:"id"`
	Type           identity.Type      `json:"type"`
	CreatedAt      time.Time          `json:"created_at"`
	Encoding       string             `json:"encoding"`
	FirstMessageID string             `json:"first_message_id"`
}

func externalIDOf(x profile.ExternalID) externalID {
	return externalID{x.Source, x.Collection, x.Value, x.Type, x.At, "none", x.Event}
}

func externalIDsOf(all []profile.ExternalID) []externalID {
	out := make([]externalID, len(all))
	for n, x := range all {
		out[n] = externalIDOf(x)
	}
	return out
}

func (c *call) getExternalIDs() error {
	limit, err := c.limit(25, 200)
	if err != nil {
		return err
	}
	seen, err := c.next(3)
	if err != nil {
		return err
	}
	all, err := c.profile.ExternalIDs(c.r.Context())
	if err != nil {
		return err
	}
	if include := c.names("include"); include != nil {
		all = slices.DeleteFunc(all, func(x profile.ExternalID) bool { return !slices.Contains(include, string(x.Type)) })
	}
	all, next := page(all, limit, seen, func(x profile.ExternalID) query.Cursor {
		return query.Cursor{strconv.FormatInt(x.At.UnixMicro(), 10), string(x.Type), x.Value}
	}, behindID)
	return c.answer(struct {
		Data   []externalID `json:"data"`
		Cursor cursor       `json:"cursor"`
	}{externalIDsOf(all), c.cursor(next, limit)})
}

// behindID goes by the order of a profile's ids: when they were first seen, type, value.
func behindID(x profile.ExternalID, seen query.Cursor) bool {
	at, err := strconv.ParseInt(seen[0], 10, 64)
	if err != nil {
		return false
	}
	return cmp.Or(cmp.Compare(x.At.UnixMicro(), at), strings.Compare(string(x.Type), seen[1]), strings.Compare(x.Value, seen[2])) > 0
}

// maxBody bounds the body of a request, in bytes.
const maxBody = 16 << 10

// deletion is what is to be taken off a profile.
type deletion struct {
	ID   string        `json:"id"`
	Type identity.Type `json:"type"`
}

// deleteExternalID takes one identifier off a person: it names nobody else from then on. People can undo that.
func (c *call) deleteExternalID() error {
	if !c.caller.MayChange {
		return &failure{http.StatusForbidden, "forbidden", "This takes a token of the role editor."}
	}
	if c.profile.Collection != profile.Users || !strings.HasPrefix(c.route.id, string(identity.User)+":") {
		return &failure{http.StatusBadRequest, "unsupported_eid_type", "Name the profile by a user_id."}
	}
	var body struct {
		Delete []deletion `json:"delete_external_ids"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, maxBody)).Decode(&body); err != nil {
		return bad("The body is not the JSON that this takes.")
	}
	if len(body.Delete) != 1 || body.Delete[0].ID == "" || body.Delete[0].Type == "" {
		return bad("delete_external_ids holds exactly one object with id and type.")
	}
	i, err := c.deletable(body.Delete[0])
	if err != nil {
		return err
	}
	if err := c.profile.Detach(c.r.Context(), c.caller.Name, i); err != nil {
		return err
	}
	return c.answer(struct {
		Deleted []deletion `json:"deleted_external_ids"`
	}{[]deletion{{i.Value, i.Type}}})
}

func bad(message string) error { return &failure{http.StatusBadRequest, "bad_request", message} }

// deletable returns the identifier of the profile that is meant, if it may go.
func (c *call) deletable(d deletion) (identity.Identifier, error) {
	x, ok, err := c.profile.ExternalID(c.r.Context(), identity.Identifier{Type: d.Type, Value: d.ID})
	if err != nil {
		return identity.Identifier{}, err
	}
	if !ok {
		return identity.Identifier{}, &failure{http.StatusNotFound, "eid_not_found", "The profile has no such external id."}
	}
	all, err := c.profile.ExternalIDs(c.r.Context())
	if err != nil {
		return identity.Identifier{}, err
	}
	another := func(o profile.ExternalID) bool { return o.Type == identity.User && o.Value != x.Value }
	if x.Type == identity.User && !slices.ContainsFunc(all, another) {
		return identity.Identifier{}, bad("The last user_id of a profile cannot be deleted.")
	}
	return x.Identifier, nil
}
