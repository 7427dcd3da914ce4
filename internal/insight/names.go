package insight

import (
	"context"
	"fmt"
	"strings"

	"github.com/debrief-dev/debrief/internal/eventstore"
)

// namesOf asks the namer, if there is one.
func (in *Insight) namesOf(ctx context.Context, dimension string, values []string) (map[string]string, error) {
	if in.Namer == nil || len(values) == 0 {
		return nil, nil
	}
	names, err := in.Namer.Names(ctx, dimension, values)
	if err != nil {
		return nil, fmt.Errorf("name values of %s: %w", dimension, err)
	}
	return names, nil
}

// labelGroups labels the groups of a breakdown by fields whose values have names.
func (in *Insight) labelGroups(ctx context.Context, breakdown []string, groups []Group) error {
	named := make([]map[string]string, len(breakdown))
	any := false
	for k, field := range breakdown {
		var values []string
		for _, g := range groups {
			if g.Keys[k] != nil {
				values = append(values, *g.Keys[k])
			}
		}
		names, err := in.namesOf(ctx, field, values)
		if err != nil {
			return err
		}
		named[k] = names
		any = any || len(names) > 0
	}
	if !any {
		return nil
	}
	for i := range groups {
		var parts []string
		for k, key := range groups[i].Keys {
			switch {
			case key == nil:
				parts = append(parts, "–")
			case named[k][*key] != "":
				parts = append(parts, named[k][*key])
			default:
				parts = append(parts, *key)
			}
		}
		groups[i].Label = strings.Join(parts, " · ")
	}
	return nil
}

func (in *Insight) labelFacet(ctx context.Context, f *Facet) error {
	var values []string
	for _, v := range f.Values {
		if v.Value != nil {
			values = append(values, *v.Value)
		}
	}
	names, err := in.namesOf(ctx, f.Field, values)
	for i, v := range f.Values {
		if v.Value != nil {
			f.Values[i].Label = names[*v.Value]
		}
	}
	return err
}

// nameTopics fills in the names of the topics of conversations.
func (in *Insight) nameTopics(ctx context.Context, rows []eventstore.ConversationRow) error {
	var values []string
	for i := range rows {
		if rows[i].Topic != "" {
			values = append(values, rows[i].Topic)
		}
	}
	names, err := in.namesOf(ctx, "topic", values)
	for i := range rows {
		rows[i].TopicName = names[rows[i].Topic]
	}
	return err
}
