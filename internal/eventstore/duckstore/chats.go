package duckstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/query"
)

// chatScope is rows of conversations.
type chatScope struct {
	c     *compiler
	alias string
	joins []string
	needs map[string]bool
	of    string  // the rows, as a FROM item without alias
	by    *lookup // of the persons of the rows; nil: all rows are read
	// gathered are the fields of events whose sets come of one scan for each way of reading them.
	gathered []*gathered
}

// gathered is the events that some sets of a conversation's values are taken from, in one scan.
type gathered struct {
	from        string // what is read for them: gatherForm, gatherProperties or gatherRow
	events      *eventScope
	name        string
	id, tracked string
	fields      []string
	values      []expr // of the fields
}

// Fields that are read alike are gathered together.
const (
	gatherForm       = "form"       // what forms have
	gatherProperties = "properties" // JSON: the same few texts as a rule
	gatherRow        = "row"        // all else
)

func (c *compiler) conversations() *chatScope {
	return &chatScope{c: c, alias: c.name("c"), needs: map[string]bool{}, of: "conversations"}
}

func (s *chatScope) grain() query.Grain   { return query.Conversations }
func (s *chatScope) time() string         { return s.alias + ".happened_at" }
func (s *chatScope) conversation() string { return s.alias + ".conversation_id" }

// Fields of a conversation that are in table places.
var chatPlaceFields = []string{"workspace", "source", "agent_id", "mode", "channel", "locale"}

func (s *chatScope) field(f query.Field) (expr, error) {
	x := expr{typ: f.Type}
	switch {
	case f.Origin == query.OfEvents:
		return s.ofEvents(f)
	case f.Origin == query.Column && slices.Contains(chatPlaceFields, f.Name):
		s.needs["place"] = true
		x.sql = s.alias + "p." + f.Name
	case f.Name == "at":
		x.sql = s.time()
	case f.Origin == query.Column:
		x.sql = s.table(f.Name) + "." + f.Name
		if f.Type == query.Number {
			if slices.Contains(conversationColumns, f.Name+" BIGINT") || slices.Contains(analysisColumns, f.Name+" BIGINT") {
				x.whole = x.sql
			}
			x.sql = "CAST(" + x.sql + " AS DOUBLE)"
		}
	case slices.Contains(besideFields, f.Name):
		return s.besideField(f), nil
	case f.Name == "person":
		s.needs["person"] = true
		x.sql = s.c.v.manifest.whose(s.alias, s.by).person()
	case f.Name == "hour_of_day" || f.Name == "weekday":
		local, err := s.c.local(s.time(), everything())
		x.sql = clockField(f.Name, local)
		return x, err
	case f.Name == "tokens":
		x.whole = fmt.Sprintf("CASE WHEN %[1]s.input_tokens IS NOT NULL OR %[1]s.output_tokens IS NOT NULL THEN coalesce(%[1]s.input_tokens, 0) + coalesce(%[1]s.output_tokens, 0) END", s.alias)
		x.sql = "CAST(" + x.whole + " AS DOUBLE)"
	case f.Name == "converted":
		if x.sql = "false"; s.c.conversion != nil {
			s.needs["converted"] = true
			x.sql = fmt.Sprintf("(%sv.converted_at IS NOT NULL)", s.alias)
		}
	case f.Name == "converted_at":
		if x.sql = "NULL::TIMESTAMP"; s.c.conversion != nil {
			s.needs["converted"] = true
			x.sql = s.alias + "v.converted_at"
		}
	case f.Name == "conversion_inferred":
		if x.sql = "false"; s.c.conversion != nil {
			s.needs["converted"] = true
			x.sql = fmt.Sprintf("coalesce(%sv.inferred, false)", s.alias)
		}
	case f.Name == "messages_to_conversion":
		if x.sql = "NULL::DOUBLE"; s.c.conversion != nil {
			s.needs["converted"], s.needs["messages_to_conversion"] = true, true
			x.sql = fmt.Sprintf("CASE WHEN %[1]sv.converted_at IS NOT NULL THEN coalesce(%[1]sm.messages, 0)::DOUBLE END", s.alias)
		}
	default:
		return x, fmt.Errorf("BUG: no field %s of conversations", f.Name)
	}
	return x, nil
}

// ofEvents is the set of values that a field takes in the tracked events of a conversation.
func (s *chatScope) ofEvents(f query.Field) (expr, error) {
	in, err := s.c.chatSpan()
	if err != nil {
		return expr{}, err
	}
	inner, err := query.Resolve(query.Events, f.Name)
	if err != nil {
		return expr{}, err
	}
	// response_ms reads rows its own way, and computed lists have to be unnested.
	if f.Name != "response_ms" && (inner.Origin == query.Property || !inner.Set) {
		return s.gather(in, inner, f.Type)
	}
	e := s.c.events(in)
	x, err := e.field(inner)
	if err != nil {
		return expr{}, err
	}
	value, id, tracked := x.sql, e.conversation(), e.tracked()
	if x.set {
		value = "unnest(" + x.list() + ")"
	}
	from, err := e.from()
	if err != nil {
		return expr{}, err
	}
	name := s.c.name("o")
	s.joins = append(s.joins, fmt.Sprintf(`LEFT JOIN (SELECT id, list(DISTINCT value) AS vals
		FROM (SELECT %s AS id, %s AS value FROM %s WHERE %s AND %s IS NOT NULL) WHERE value IS NOT NULL GROUP BY id) %s ON %s.id = %s.conversation_id`,
		id, value, from, tracked, id, name, name, s.alias))
	return expr{sql: name + ".vals", typ: f.Type, set: true, once: true}, nil
}

// gather adds a field to those that are read together.
func (s *chatScope) gather(in span, inner query.Field, t query.Type) (expr, error) {
	g, err := s.gathering(in, inner)
	if err != nil {
		return expr{}, err
	}
	x, err := g.events.field(inner)
	if err != nil {
		return expr{}, err
	}
	i := slices.IndexFunc(g.values, func(y expr) bool { return y.sql == x.sql && y.one == x.one })
	if i < 0 {
		i = len(g.values)
		g.fields, g.values = append(g.fields, inner.Name), append(g.values, x)
	}
	return expr{sql: fmt.Sprintf("%s.vals%d", g.name, i), typ: t, set: true, once: true}, nil
}

// gathering is where a field is gathered.
func (s *chatScope) gathering(in span, inner query.Field) (*gathered, error) {
	e := s.c.events(in)
	from := gatherRow
	switch {
	case inner.Origin == query.Property:
		from = gatherProperties
	case e.ofForms(inner):
		from = gatherForm
	}
	if i := slices.IndexFunc(s.gathered, func(g *gathered) bool { return g.from == from }); i >= 0 {
		return s.gathered[i], nil
	}
	e.once = from != gatherRow
	g := &gathered{from: from, events: e, name: s.c.name("o"), id: e.conversation(), tracked: e.tracked()}
	s.gathered = append(s.gathered, g)
	return g, nil
}

// bound leaves out the events that can have none of the values, most of them as a rule, before they are read.
func (g *gathered) bound() error {
	switch g.from {
	case gatherProperties:
		g.events.only = "properties IS NOT NULL"
	case gatherForm:
		var any []string
		for _, name := range g.fields {
			any = append(any, "f."+name+" IS NOT NULL")
		}
		return g.events.formsWhere("f.tracked AND (" + strings.Join(any, " OR ") + ")")
	}
	return nil
}

// join is the sets of each conversation.
func (g *gathered) join(chats string) (string, error) {
	if err := g.bound(); err != nil {
		return "", err
	}
	from, err := g.events.from()
	if err != nil {
		return "", err
	}
	var columns, lists, any []string
	for i, x := range g.values {
		one := x.sql
		if x.set {
			one = x.one
			columns = append(columns, fmt.Sprintf("%s AS w%d", x.sql, i))
			any = append(any, fmt.Sprintf("w%d IS NOT NULL", i))
		}
		columns = append(columns, fmt.Sprintf("%s AS v%d", one, i))
		any = append(any, fmt.Sprintf("v%d IS NOT NULL", i))
		list := fmt.Sprintf("list(DISTINCT v%[1]d) FILTER (WHERE v%[1]d IS NOT NULL)", i)
		if x.set { // an event has one value, or those of an array
			list = fmt.Sprintf("list_distinct(list_concat(%s, flatten(list(w%[2]d) FILTER (WHERE w%[2]d IS NOT NULL))))", list, i)
		}
		lists = append(lists, fmt.Sprintf("%s AS vals%d", list, i))
	}
	return fmt.Sprintf(`LEFT JOIN (SELECT id, %s FROM (SELECT %s AS id, %s FROM %s WHERE %s AND %[2]s IS NOT NULL) WHERE %[6]s GROUP BY id) %[7]s ON %[7]s.id = %[8]s.conversation_id`,
		strings.Join(lists, ", "), g.id, strings.Join(columns, ", "), from, g.tracked, strings.Join(any, " OR "), g.name, chats), nil
}

func (s *chatScope) from() (string, error) {
	b := s.of + " " + s.alias
	if s.by != nil {
		b = fmt.Sprintf("(SELECT * FROM %s WHERE %s) %s", s.of, s.by.condition, s.alias)
	}
	if s.needs["place"] {
		b += fmt.Sprintf(" JOIN places %[1]sp ON %[1]sp.place = %[1]s.place", s.alias)
	}
	if s.needs["person"] {
		b += s.c.v.manifest.whose(s.alias, s.by).joins
	}
	for _, t := range besideTables {
		if s.needs[t.name] {
			b += fmt.Sprintf(" LEFT JOIN %[2]s %[1]s%[3]s ON %[1]s%[3]s.conversation_id = %[1]s.conversation_id", s.alias, t.name, t.suffix)
		}
	}
	if s.needs["converted"] {
		join, err := s.conversions()
		if err != nil {
			return "", err
		}
		b += join
	}
	for _, g := range s.gathered {
		join, err := g.join(s.alias)
		if err != nil {
			return "", err
		}
		b += " " + join
	}
	return strings.Join(append([]string{b}, s.joins...), " "), nil
}
