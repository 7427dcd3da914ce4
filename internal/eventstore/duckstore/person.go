package duckstore

import (
	"context"
	"fmt"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// Whose rows are is found when a question is asked: from the pairs of ids in table identities, and from what
// was decided of ids, in tables decided_users and decided_anonymous. A store without decisions, as most are, does
// not look at those.

// whose is the SQL of the persons of the ids that rows have.
type whose struct {
	alias string // of the rows
	joins string
	// user and anonymous are the persons of these ids; NULL if the id is absent, or nobody's.
	user, anonymous string
	decided         bool
}

// links is the SQL of the anonymous ids that resolve to a user.
const links = `(SELECT anonymous_id, min(user_id) AS person FROM identities
	WHERE anonymous_id IS NOT NULL AND user_id IS NOT NULL%s GROUP BY anonymous_id HAVING min(user_id) = max(user_id))`

// decidedLinks is the SQL of the anonymous ids that resolve to another person than themselves, or to nobody: NULL.
const decidedLinks = `(SELECT coalesce(d.anonymous_id, s.anonymous_id) AS anonymous_id, CASE WHEN d.anonymous_id IS NULL THEN s.person ELSE d.person END AS person
	FROM (SELECT anonymous_id, min(person) AS person FROM (
			SELECT i.anonymous_id, CASE WHEN u.user_id IS NULL THEN i.user_id ELSE u.person END AS person
			FROM identities i LEFT JOIN decided_users u ON u.user_id = i.user_id WHERE i.anonymous_id IS NOT NULL%s)
		WHERE person IS NOT NULL GROUP BY anonymous_id HAVING min(person) = max(person)) s
	FULL JOIN decided_anonymous d ON d.anonymous_id = s.anonymous_id)`

// whose compiles the persons of rows with columns user_id and anonymous_id that a lookup found; nil for all. The
// aliases of its joins are that of the rows with a letter.
func (m *manifest) whose(alias string, by *lookup) whose {
	among := ""
	if by != nil && by.anonymous != "" {
		among = fmt.Sprintf(" AND anonymous_id IN (FROM %s)", by.anonymous)
	}
	if !m.decided {
		return whose{
			alias: alias,
			joins: fmt.Sprintf(" LEFT JOIN %[2]s %[1]sl ON %[1]sl.anonymous_id = %[1]s.anonymous_id", alias, fmt.Sprintf(links, among)),
			user:  alias + ".user_id", anonymous: fmt.Sprintf("coalesce(%[1]sl.person, %[1]s.anonymous_id)", alias),
		}
	}
	return whose{
		alias: alias, decided: true,
		joins: fmt.Sprintf(" LEFT JOIN %[2]s %[1]sl ON %[1]sl.anonymous_id = %[1]s.anonymous_id LEFT JOIN decided_users %[1]su ON %[1]su.user_id = %[1]s.user_id",
			alias, fmt.Sprintf(decidedLinks, among)),
		user:      fmt.Sprintf("CASE WHEN %[1]su.user_id IS NULL THEN %[1]s.user_id ELSE %[1]su.person END", alias),
		anonymous: fmt.Sprintf("CASE WHEN %[1]sl.anonymous_id IS NULL THEN %[1]s.anonymous_id ELSE %[1]sl.person END", alias),
	}
}

// person is that of the rows; NULL for none.
func (w whose) person() string {
	if !w.decided {
		return fmt.Sprintf("coalesce(%s, %s)", w.user, w.anonymous)
	}
	return fmt.Sprintf("coalesce(%s, %s, %s.user_id, %[3]s.anonymous_id)", w.user, w.anonymous, w.alias)
}

// idsOf finds all rows of some persons, and maybe others: rows with one of the ids that can lead to one of them.
func (c *compiler) idsOf(persons []string) *lookup {
	given := unnestList(c.arg(idList(persons)))
	users, anonymous := c.name("users"), c.name("anonymous")
	decided := func(column string) string {
		if !c.v.manifest.decided {
			return ""
		}
		return fmt.Sprintf(" UNION SELECT %[1]s FROM decided_%[2]s WHERE person IN %[3]s", column, map[string]string{"user_id": "users", "anonymous_id": "anonymous"}[column], given)
	}
	c.with = append(c.with,
		fmt.Sprintf("%s(id) AS MATERIALIZED (%s%s)", users, given, decided("user_id")),
		fmt.Sprintf("%s(id) AS MATERIALIZED (%s%s UNION SELECT anonymous_id FROM identities WHERE anonymous_id IS NOT NULL AND user_id IN (FROM %s))",
			anonymous, given, decided("anonymous_id"), users))
	return &lookup{
		columns:   []string{"user_id", "anonymous_id"},
		condition: fmt.Sprintf("(user_id IN (FROM %s) OR anonymous_id IN (FROM %s))", users, anonymous),
		anonymous: anonymous,
	}
}

// decides reports whether a batch decides something of ids, or only takes decisions back.
func decides(b *eventstore.Batch) bool {
	for _, x := range b.Identities {
		if x.Ignored || x.Person != "" {
			return true
		}
	}
	return false
}

// decide replaces what was decided of ids.
func (w *writer) decide(identities []event.Identity) error {
	said := map[string][]event.Identity{}
	for _, x := range identities {
		said[x.Type] = append(said[x.Type], x)
	}
	id := func(x event.Identity) string { return x.ID }
	if err := replaceBeside(w.db, "decided_users", "user_id", said[event.IdentityUser], id, appendIdentity); err != nil {
		return err
	}
	return replaceBeside(w.db, "decided_anonymous", "anonymous_id", said[event.IdentityAnonymous], id, appendIdentity)
}

func appendIdentity(a *appender, x event.Identity) error {
	if !x.Ignored && x.Person == "" {
		return nil
	}
	a.text(0, x.ID)
	if !x.Ignored {
		a.text(1, x.Person)
	}
	return a.next()
}

// identities is the SQL of all ids that are somebody's: type, id and person.
func (m *manifest) identities() string {
	w := m.whose("r", nil)
	ids := func(column, other, table string) string {
		return fmt.Sprintf("(SELECT %[1]s, NULL::VARCHAR AS %[2]s FROM (SELECT %[1]s FROM identities UNION SELECT %[1]s FROM %[3]s)) r", column, other, table)
	}
	return fmt.Sprintf(`(SELECT * FROM (SELECT '%s' AS type, r.user_id AS id, %s AS person FROM %s%s
		UNION ALL SELECT '%s', r.anonymous_id, %s FROM %s%s) WHERE person IS NOT NULL)`,
		event.IdentityUser, w.user, ids("user_id", "anonymous_id", "decided_users"), w.joins,
		event.IdentityAnonymous, w.anonymous, ids("anonymous_id", "user_id", "decided_anonymous"), w.joins)
}

// Identities implements [eventstore.Reader].
func (s *Store) Identities(ctx context.Context, persons []string) ([]event.Identity, error) {
	if len(persons) > query.MaxPage {
		return nil, fmt.Errorf("%w: identities of %d persons; ask for at most %d", eventstore.ErrInvalid, len(persons), query.MaxPage)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("identities of persons: %w", err)
	}
	defer v.close()
	out, err := v.identities(ctx, persons)
	if err != nil {
		return nil, fmt.Errorf("identities of persons: %w", err)
	}
	return out, nil
}

func (v *view) identities(ctx context.Context, persons []string) ([]event.Identity, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	rows, err := v.tx.QueryContext(ctx, "SELECT type, id, person FROM "+v.manifest.identities()+" WHERE person IN "+unnestList("$1")+" ORDER BY person, type, id", idList(persons))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []event.Identity
	for rows.Next() {
		var x event.Identity
		if err := rows.Scan(&x.Type, &x.ID, &x.Person); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}
