package compute

import (
	"github.com/debrief-dev/debrief/internal/audience"
	"github.com/debrief-dev/debrief/internal/query"
	"github.com/debrief-dev/debrief/internal/trait"
)

// Templates are definitions that are useful as they are, of some kinds: what seed 004 wants to know of people, and
// whom one writes to.
func Templates(kinds ...Kind) []Definition {
	var out []Definition
	for _, d := range templates() {
		for _, k := range kinds {
			if d.Kind == k {
				out = append(out, d)
			}
		}
	}
	return out
}

func templates() []Definition {
	shown := []string{"kind:eq:artifact", "action:eq:component_shown"}
	of := func(key, name, doc string, d trait.Definition) Definition {
		return Definition{Key: key, Name: name, Doc: doc, Kind: Trait, Emit: Identify, Enabled: true, Trait: &d}
	}
	rule := func(key, name, doc string, r audience.Rule) Definition {
		return Definition{Key: key, Name: name, Doc: doc, Kind: Audience, Emit: Track, Enabled: true, Rule: &r}
	}
	days := func(n int) trait.Duration { return trait.Duration(n) * trait.Day }
	return []Definition{
		of("conversations", "Conversations", "How many conversations a person had.",
			trait.Definition{Of: query.Conversations, Aggregate: trait.Count}),
		of("messages_sent", "Messages sent", "How many messages a person wrote.",
			trait.Definition{Of: query.Events, Where: []string{"kind:eq:message", "role:eq:user"}, Aggregate: trait.Count}),
		of("most_used_component", "Most used component", "The component that a person was shown most often.",
			trait.Definition{Of: query.Events, Where: shown, Aggregate: trait.MostFrequent, Field: "artifact_type", MinCount: 1}),
		of("stocks_asked_about", "Stocks asked about", "The symbols of the components that a person was shown.",
			trait.Definition{Of: query.Events, Where: shown, Aggregate: trait.UniqueList, Field: "properties.symbol"}),
		of("last_topic", "Last topic", "What a person's last conversation was about.",
			trait.Definition{Of: query.Conversations, Aggregate: trait.Last, Field: "topic"}),
		of("average_satisfaction", "Average satisfaction", "Rated where there is a rating, else as it follows from words and signals; 0 to 1.",
			trait.Definition{Of: query.Conversations, Aggregate: trait.Avg, Field: "satisfaction"}),
		of("messages_to_conversion", "Messages to conversion", "How many messages a person wrote until a conversation converted, on average.",
			trait.Definition{Of: query.Conversations, Aggregate: trait.Avg, Field: "messages_to_conversion"}),
		of("last_conversation_at", "Last conversation", "When a person's last conversation began.",
			trait.Definition{Of: query.Conversations, Aggregate: trait.Max, Field: "at"}),
		rule("active_this_week", "Active this week", "Wrote at least one message in the last seven days.",
			audience.Rule{Did: &audience.Deed{Of: query.Events, Where: []string{"kind:eq:message", "role:eq:user"}, Window: days(7), AtLeast: new(1)}}),
		rule("asked_not_converted", "Asked, did not convert", "Had conversations in the last 30 days, and none that converted.",
			audience.Rule{All: []audience.Rule{
				{Did: &audience.Deed{Of: query.Conversations, Window: days(30), AtLeast: new(1)}},
				{Did: &audience.Deed{Of: query.Conversations, Where: []string{"converted:eq:true"}, Window: days(30), AtMost: new(0)}},
			}}),
		rule("let_down", "Let down", "A conversation of the last 14 days failed or left the person frustrated.",
			audience.Rule{Did: &audience.Deed{Of: query.Conversations, Where: []string{"satisfaction:lt:0.4"}, Window: days(14), AtLeast: new(1)}}),
	}
}
