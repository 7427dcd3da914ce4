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

// labelsOf labels groups of a breakdown, given the keys of each, by the fields whose values have names; nil if none has.
func (in *Insight) labelsOf(ctx context.Context, breakdown []string, groups [][]*string) ([]string, error) {
	named := make([]map[string]string, len(breakdown))
	any := false
	for k, field := range breakdown {
		var values []string
		for _, keys := range groups {
			if keys[k] != nil {
				values = append(values, *keys[k])
			}
		}
		names, err := in.namesOf(ctx, field, values)
		if err != nil {
			return nil, err
		}
		named[k] = names
		any = any || len(names) > 0
	}
	if !any {
		return nil, nil
	}
	out := make([]string, len(groups))
	for i, keys := range groups {
		var parts []string
		for k, key := range keys {
			switch {
			case key == nil:
				parts = append(parts, "–")
			case named[k][*key] != "":
				parts = append(parts, named[k][*key])
			default:
				parts = append(parts, *key)
			}
		}
		out[i] = strings.Join(parts, " · ")
	}
	return out, nil
}

// label labels groups of a breakdown, whatever they are groups of.
func label[G any](ctx context.Context, in *Insight, breakdown []string, groups []G, of func(*G) (keys []*string, label *string)) error {
	keys := make([][]*string, len(groups))
	for i := range groups {
		keys[i], _ = of(&groups[i])
	}
	labels, err := in.labelsOf(ctx, breakdown, keys)
	for i, text := range labels {
		_, at := of(&groups[i])
		*at = text
	}
	return err
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
