package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/debrief-dev/debrief/internal/event"
	"github.com/debrief-dev/debrief/internal/query"
)

// PathsQuestion asks which ways conversations take; [query.Paths] says what that means.
type PathsQuestion struct {
	Scope
	Nodes []string // of PathNodes; nil is all
	Depth int      // steps of a path; 0 is DefaultDepth
	Limit int      // nodes at one place; 0 is DefaultNodes
}

// Defaults of paths.
const (
	DefaultDepth = 5
	DefaultNodes = 12
)

// PathNodes are the kinds of nodes that paths are made of: the topic at the start, tools, components and the
// conversion in between, the outcome at the end.
func PathNodes() []string { return []string{"topic", "tool", "component", "conversion", "outcome"} }

// PathsAnswer is the ways that conversations take. Its JSON is that of the HTTP API.
type PathsAnswer struct {
	Range         Range      `json:"range"`
	Conversations int64      `json:"conversations"`
	Nodes         []PathNode `json:"nodes"`
	Links         []PathLink `json:"links"`
}

// PathNode is what N conversations pass as their step-th: kind is one of PathNodes, or start, end, more (the way
// goes on beyond the depth) and other (all nodes of the step beyond the limit). Name is nil where there is none.
type PathNode struct {
	ID   string  `json:"id"`
	Step int     `json:"step"`
	Kind string  `json:"kind"`
	Name *string `json:"name"`
	// Label is for people, where the name is an id that has one.
	Label string `json:"label,omitempty"`
	N     int64  `json:"n"`
}

// PathLink is how many conversations go from one node to the next. Step is that of the first.
type PathLink struct {
	Step int    `json:"step"`
	From string `json:"from"`
	To   string `json:"to"`
	N    int64  `json:"n"`
}

// Paths answers the ways that the conversations of the scope take.
func (in *Insight) Paths(ctx context.Context, question PathsQuestion) (*PathsAnswer, error) {
	loc, err := query.LoadZone(question.Zone)
	if err != nil {
		return nil, &ParameterError{Parameter: "zone", Err: err}
	}
	p, err := in.paths(ctx, &question)
	if err != nil {
		return nil, err
	}
	res, err := in.Store.Paths(ctx, *p)
	if err != nil {
		return nil, err
	}
	out := &PathsAnswer{Range: rangeOf(question.Range, loc), Conversations: res.Conversations, Nodes: []PathNode{}, Links: []PathLink{}}
	for _, n := range res.Nodes {
		kind := n.Kind
		switch {
		case kind == query.PathStart && p.Start != "":
			kind = "topic"
		case kind == query.PathEnd && p.End != "":
			kind = "outcome"
		}
		node := PathNode{Step: n.Place, Kind: kind, Name: keysOf([]query.Key{n.Name})[0], N: n.N}
		node.ID = fmt.Sprintf("%d:%s", n.Place, kind)
		if node.Name != nil {
			node.ID += ":" + *node.Name
		}
		out.Nodes = append(out.Nodes, node)
	}
	for _, l := range res.Links {
		from, to := out.Nodes[l.From], out.Nodes[l.To]
		out.Links = append(out.Links, PathLink{Step: from.Step, From: from.ID, To: to.ID, N: l.N})
	}
	return out, in.labelTopics(ctx, out.Nodes)
}

// labelTopics labels the nodes that are topics.
func (in *Insight) labelTopics(ctx context.Context, nodes []PathNode) error {
	var topics []string
	for _, n := range nodes {
		if n.Kind == "topic" && n.Name != nil {
			topics = append(topics, *n.Name)
		}
	}
	names, err := in.namesOf(ctx, "topic", topics)
	if err != nil {
		return err
	}
	for i, n := range nodes {
		if n.Kind == "topic" && n.Name != nil {
			nodes[i].Label = names[*n.Name]
		}
	}
	return nil
}

func (in *Insight) paths(ctx context.Context, question *PathsQuestion) (*query.Paths, error) {
	p := &query.Paths{Range: question.Range, Zone: question.Zone, Depth: cmp.Or(question.Depth, DefaultDepth), Limit: cmp.Or(question.Limit, DefaultNodes)}
	nodes := question.Nodes
	if nodes == nil {
		nodes = PathNodes()
	}
	for _, n := range nodes {
		if !slices.Contains(PathNodes(), n) {
			return nil, fault("nodes", "%q; there are %v", n, PathNodes())
		}
	}
	has := func(kind string) bool { return slices.Contains(nodes, kind) }
	if has("topic") {
		p.Start = "topic"
	}
	if has("outcome") {
		p.End = "outcome"
	}
	if has("tool") {
		p.Steps = append(p.Steps, query.PathStep{Kind: "tool", Field: "tool_name",
			Match: query.AllOf(query.Is("kind", query.Eq, string(event.KindTool)), query.Is("action", query.Eq, "called"))})
	}
	if has("component") {
		p.Steps = append(p.Steps, query.PathStep{Kind: "component", Field: "artifact_type",
			Match: query.AllOf(query.Is("kind", query.Eq, string(event.KindArtifact)), query.Is("action", query.Eq, "component_shown"))})
	}
	p.Converted = has("conversion")
	var err error
	if p.Filter, err = question.Scope.filterAt(ctx, in, query.Conversations); err != nil {
		return nil, err
	}
	p.Conversion, err = in.conversion(ctx, question.Conversion, question.Explicit)
	return p, err
}
