package trace

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/debrief-dev/debrief/internal/event"
)

// entry is a row as stored and the copy that is worked on.
type entry struct {
	stored, work *event.Event
}

// forest is the rows of a trace as trees of spans.
type forest struct {
	entries  []entry                 // every row but the derived ones, in order
	derived  map[string]*event.Event // rows that an earlier derivation made, by id
	nodes    []*node                 // in order
	feedback []*event.Event          // working copies, in order
	guessed  bool                    // no row says a conversation: the trace stands in
}

// node is one span: its own row, and the logs that came with its id.
type node struct {
	row  *event.Event   // nil: the span is known by its logs alone
	logs []*event.Event // in order

	key      string // span id, or what tells the node from another with the same
	parent   *node
	children []*node
	depth    int
	content  Content

	outer bool // it stands for itself: it yields the messages of what is below it
	turn  *turn
}

// head is the row that says where and when the span is.
func (n *node) head() *event.Event {
	if n.row != nil {
		return n.row
	}
	return n.logs[0]
}

// id is the id of the span in the trace, and the stem of the ids of what is derived from it.
func (n *node) id() string { return n.head().TraceID + ":" + n.key }

// end is when the span ended.
func (n *node) end() time.Time {
	if n.row == nil {
		return n.logs[len(n.logs)-1].OccurredAt
	}
	return n.row.OccurredAt.Add(n.took())
}

// took is how long the span lasted, as far as it says.
func (n *node) took() time.Duration {
	if n.row == nil || n.row.LatencyMS == nil || *n.row.LatencyMS < 0 {
		return 0
	}
	return time.Duration(*n.row.LatencyMS * float64(time.Millisecond))
}

// newForest sorts the rows, undoes what derivations did to them, and builds the trees.
func newForest(rows []*event.Event) *forest {
	f := &forest{derived: map[string]*event.Event{}}
	for _, e := range newest(rows) {
		if isDerived(e) {
			f.derived[e.ID] = e
			continue
		}
		f.entries = append(f.entries, entry{e, undone(e)})
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return order(a.work, b.work) })
	f.plant()
	return f
}

// newest returns one row of each id: that of the highest revision.
func newest(rows []*event.Event) map[string]*event.Event {
	byID := make(map[string]*event.Event, len(rows))
	for _, e := range rows {
		old := byID[e.ID]
		if old == nil || e.Revision > old.Revision || e.Revision == old.Revision && older(e, old) {
			byID[e.ID] = e
		}
	}
	return byID
}

// older decides between two rows of one id and revision, which no store has: the one received first,
// else any, but always the same one.
func older(a, b *event.Event) bool {
	if a == b {
		return false
	}
	if c := a.ReceivedAt.Compare(b.ReceivedAt); c != 0 {
		return c < 0
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) < string(y)
}

func order(a, b *event.Event) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

// isDerived reports whether a row was made by a derivation: a message named after its span.
func isDerived(e *event.Event) bool {
	if e.Kind != event.KindMessage || e.DerivedFrom == "" {
		return false
	}
	return e.ID == e.DerivedFrom+ruleIn || e.ID == e.DerivedFrom+ruleOut
}

// ownSpan reports whether a row is the span itself, by its id.
func ownSpan(e *event.Event) bool { return e.ID == e.TraceID+":"+e.SpanID }

// plant makes nodes of the rows and links them.
func (f *forest) plant() {
	bySpan := map[string]*node{} // the first node of a span, by the order of rows
	for _, e := range f.entries {
		if w := e.work; w.SpanID != "" && ownSpan(w) {
			bySpan[w.SpanID] = f.grow(w, w.SpanID)
		}
	}
	for _, e := range f.entries {
		w := e.work
		n := bySpan[w.SpanID]
		switch {
		case w.SpanID == "" || w.Kind == event.KindFeedback:
			if w.Kind == event.KindFeedback {
				f.feedback = append(f.feedback, w)
			}
		case ownSpan(w):
		case n != nil && n.row != nil && (ownSpan(n.row) || !isCallRow(w) || isLog(w)):
			n.logs = append(n.logs, w)
		case isCallRow(w) && n == nil:
			bySpan[w.SpanID] = f.grow(w, w.SpanID)
		case isCallRow(w) && n.row == nil:
			n.row = w
		case isCallRow(w): // a span id that is used again
			f.grow(w, w.ID)
		case n == nil:
			n = f.grow(nil, w.SpanID)
			n.logs = append(n.logs, w)
			bySpan[w.SpanID] = n
		default:
			n.logs = append(n.logs, w)
		}
	}
	slices.SortFunc(f.nodes, func(a, b *node) int { return order(a.head(), b.head()) })
	f.link(bySpan)
}

// isCallRow reports whether a row with an id of its own is a span by its kind.
func isCallRow(e *event.Event) bool {
	switch e.Kind {
	case event.KindGeneration:
		return e.Action != "first_token"
	case event.KindTool:
		return e.Action == "called"
	}
	return false
}

// isLog reports whether a row was a log record.
func isLog(e *event.Event) bool { return e.SourceEvent == "log" }

// isDetails reports whether a row is the record that tells all of a model call.
func isDetails(e *event.Event) bool {
	return isLog(e) && strings.HasSuffix(e.SourceSubtype, "inference.operation.details")
}

func (f *forest) grow(row *event.Event, key string) *node {
	n := &node{row: row, key: key}
	f.nodes = append(f.nodes, n)
	return n
}

// deepest bounds the depth of a tree, and with it the time that a derivation takes: what lies deeper is a
// tree of its own. Real traces are a few dozen spans deep.
const deepest = 1000

// link joins children to parents. Of spans that are each other's parents in a circle, the first has none.
func (f *forest) link(bySpan map[string]*node) {
	for _, n := range f.nodes {
		n.parent = bySpan[n.head().ParentSpanID]
	}
	breakCircles(f.nodes)
	for _, n := range f.nodes {
		if n.parent != nil {
			n.parent.children = append(n.parent.children, n)
		}
	}
	level := f.roots()
	for depth := 0; len(level) > 0; depth++ {
		var below []*node
		for _, n := range level {
			n.depth = depth % deepest
			below = append(below, n.children...)
			if n.depth == deepest-1 {
				for _, c := range n.children {
					c.parent = nil
				}
				n.children = nil
			}
		}
		level = below
	}
}

// breakCircles takes the parent from the first node of every circle.
func breakCircles(nodes []*node) {
	const underway, done = 1, 2
	at := make(map[*node]int, len(nodes))
	place := make(map[*node]int, len(nodes))
	for i, n := range nodes {
		place[n] = i
	}
	for _, n := range nodes {
		var path []*node
		for up := n; up != nil && at[up] != done; up = up.parent {
			if at[up] == underway {
				circle := path[slices.Index(path, up):]
				first := slices.MinFunc(circle, func(a, b *node) int { return cmp.Compare(place[a], place[b]) })
				first.parent = nil
				break
			}
			at[up] = underway
			path = append(path, up)
		}
		for _, m := range path {
			at[m] = done
		}
	}
}

// walk visits n and what is below it in order, and goes no deeper where visit returns false.
func (n *node) walk(visit func(*node) bool) {
	if !visit(n) {
		return
	}
	for _, c := range n.children {
		c.walk(visit)
	}
}

// roots returns the nodes without a parent among the rows.
func (f *forest) roots() []*node {
	var out []*node
	for _, n := range f.nodes {
		if n.parent == nil {
			out = append(out, n)
		}
	}
	return out
}

// byPrecedence returns the nodes as they are asked what holds for the whole trace: roots first, then
// the earliest.
func (f *forest) byPrecedence() []*node {
	out := slices.Clone(f.nodes)
	slices.SortStableFunc(out, func(a, b *node) int {
		return cmp.Compare(rank(a), rank(b))
	})
	return out
}

func rank(n *node) int {
	switch {
	case n.row != nil && n.row.ParentSpanID == "":
		return 0
	case n.parent == nil:
		return 1
	}
	return 2
}
