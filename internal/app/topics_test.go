package app

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/debrief-dev/debrief/internal/demo"
	"github.com/debrief-dev/debrief/internal/enrich/topics"
)

// The demo's questions are made from a few sentences a topic, of which some are about the same to a reader too
// ("How is NVDA doing today", "Is NVIDIA up or down"); other sentences of one topic share nothing ("delete my
// account", "I forgot my password"). Finer topics than planted are right then, so that the figures are below 1.
func TestTopicsOfTheDemoMonthAreThosePlanted(t *testing.T) {
	var docs []topics.Doc
	at := map[string]int{}
	var gold []string
	for c := range demo.Calls(demo.Config{Until: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Conversations: 1500}) {
		var call struct {
			Event      string
			Properties struct {
				Prompt, Role     string
				MessageBody      string `json:"message_body"`
				ConversationID   string `json:"conversationId"`
				ConversationHelp string `json:"conversation_id"`
			}
		}
		if err := json.Unmarshal(c.JSON, &call); err != nil {
			t.Fatal(err)
		}
		p := call.Properties
		text, id := p.MessageBody+p.Prompt, p.ConversationID+p.ConversationHelp
		if text == "" || p.Role == "agent" {
			continue
		}
		i, ok := at[id]
		if !ok {
			i = len(docs)
			at[id] = i
			docs, gold = append(docs, topics.Doc{ID: id}), append(gold, demo.Planted(text))
			if gold[i] == "" {
				t.Fatalf("%q is none of the demo's questions", text)
			}
		}
		docs[i].Texts = append(docs[i].Texts, text)
	}
	m, labels := topics.Fit(docs, topics.Config{})
	nmi, homogeneity := agreement(labels, gold)
	t.Logf("%d conversations, %d topics: NMI %.3f, homogeneity %.3f", len(docs), len(m.Topics), nmi, homogeneity)
	for _, x := range m.Topics {
		t.Logf("%4d %q %v", x.Size, x.Name, x.Terms)
	}
	if nmi < 0.7 || homogeneity < 0.85 {
		t.Errorf("NMI with what was planted %.3f, homogeneity %.3f; want at least 0.7 and 0.85", nmi, homogeneity)
	}
}

// agreement is the normalised mutual information of two labellings, and the share of what the second says that
// the first one knows.
func agreement(labels []int, gold []string) (nmi, homogeneity float64) {
	type both struct {
		label int
		gold  string
	}
	joint, a, b := map[any]float64{}, map[any]float64{}, map[any]float64{}
	for i := range labels {
		joint[both{labels[i], gold[i]}]++
		a[labels[i]]++
		b[gold[i]]++
	}
	entropy := func(counts map[any]float64) (h float64) {
		for _, n := range counts {
			p := n / float64(len(labels))
			h -= p * math.Log(p)
		}
		return h
	}
	mutual := entropy(a) + entropy(b) - entropy(joint)
	return 2 * mutual / (entropy(a) + entropy(b)), mutual / entropy(b)
}
