package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
	"github.com/debrief-dev/debrief/internal/query"
)

// listing is a list as scripts ask it.
type listing struct {
	query.List
	show  []string
	pages bool // go on to the end
}

// list answers the "list" files of a script: a row a line; pages are divided by a line of "--".
func list(ctx context.Context, r eventstore.Reader, text string) (string, error) {
	l, err := parseListing(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		rows, next, err := page(ctx, r, l.List)
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			line, err := showRow(row, l)
			if err != nil {
				return "", err
			}
			fmt.Fprintln(&b, line)
		}
		if !l.pages || next == "" || len(rows) == 0 {
			return b.String(), nil
		}
		b.WriteString("--\n")
		l.After = next
	}
}

// page asks for one page of a list, and the cursor that leads to the next one.
func page(ctx context.Context, r eventstore.Reader, l query.List) (rows []any, next string, err error) {
	if l.Grain != query.Events {
		p, err := r.Conversations(ctx, l)
		if err != nil {
			return nil, "", err
		}
		for _, c := range p.Conversations {
			rows = append(rows, c)
		}
		if l.Count {
			rows = append(rows, counted{p.Total})
		}
		return rows, p.Next, nil
	}
	for e, err := range r.Events(ctx, l) {
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, e)
		next = eventCursor(l, e).String()
	}
	if l.Limit == 0 || len(rows) < l.Limit {
		next = ""
	}
	return rows, next, nil
}

// counted is the last row of a page of a list that is counted.
type counted struct {
	Total int64 `json:"conversation_id"`
}

// showRow writes the id of a row, and the fields to show as JSON, "-" where absent.
func showRow(row any, l *listing) (string, error) {
	b, err := json.Marshal(row)
	if err != nil {
		return "", err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return "", err
	}
	id := "id"
	if l.Grain != query.Events {
		id = "conversation_id"
	}
	var out []string
	for _, name := range append([]string{id}, l.show...) {
		field := "-"
		if f, ok := fields[name]; ok {
			field = string(f)
		}
		if s, err := strconv.Unquote(field); err == nil && quoted(s) == s {
			field = s
		}
		out = append(out, field)
	}
	return strings.Join(out, " "), nil
}

// parseListing reads a list as Script describes it.
func parseListing(text string) (*listing, error) {
	l := &listing{}
	for _, line := range lines(text) {
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "grain":
			l.Grain = query.Grain(rest)
		case "sort":
			l.Sort, rest, _ = strings.Cut(rest, " ")
			l.Desc = l.Desc || rest == "desc"
		case "desc":
			l.Desc = true
		case "limit":
			l.Limit, err = strconv.Atoi(rest)
		case "after":
			l.After = rest
		case "raw":
			l.Raw = true
		case "count":
			l.Count = true
		case "show":
			for name := range strings.SplitSeq(rest, ",") {
				l.show = append(l.show, strings.TrimSpace(name))
			}
		case "pages":
			l.pages = true
		case "zone", "from", "until", "filter", "conversion", "explicit":
			err = commonLine(word, rest, &l.Zone, &l.Range, &l.Filter, &l.Conversion)
		default:
			err = fmt.Errorf("unknown word")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return l, nil
}

// formatListing writes a list as parseListing reads it.
func formatListing(l *query.List) string {
	var b strings.Builder
	fmt.Fprintln(&b, "grain", l.Grain)
	if l.Sort != "" {
		fmt.Fprintln(&b, "sort", l.Sort)
	}
	if l.Desc {
		fmt.Fprintln(&b, "desc")
	}
	if l.Limit != 0 {
		fmt.Fprintln(&b, "limit", l.Limit)
	}
	if l.Raw {
		fmt.Fprintln(&b, "raw")
	}
	if l.Count {
		fmt.Fprintln(&b, "count")
	}
	b.WriteString("pages\n")
	return b.String() + formatCommon(l.Zone, l.Range, l.Filter, l.Conversion)
}
