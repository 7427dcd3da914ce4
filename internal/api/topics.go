package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/debrief-dev/debrief/internal/insight"
)

// Topics are what people ask about.
type Topics interface {
	// Topics returns all, without their conversations.
	Topics(ctx context.Context) ([]Topic, error)
	// Topic returns what one is like, or ErrNotFound.
	Topic(ctx context.Context, id string) (TopicDetail, error)
	// UpdateTopic changes what people decided of one; ErrNotFound, or ErrInvalid for a merge in a circle. Its
	// conversations follow in the background.
	UpdateTopic(ctx context.Context, id string, c TopicChange) error
	// Status says how far topics are.
	Status(ctx context.Context) (TopicStatus, error)
	// Refit asks for topics to be found anew, soon.
	Refit(ctx context.Context) error
}

// Topic is one topic.
type Topic struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	FoundName     string   `json:"found_name"` // by its telling words, where people gave another name
	Group         string   `json:"group,omitempty"`
	GroupName     string   `json:"group_name,omitempty"`
	Terms         []string `json:"terms"` // the most telling first
	Pinned        bool     `json:"pinned"`
	Excluded      bool     `json:"excluded"`
	MergedInto    string   `json:"merged_into,omitempty"`
	Conversations int64    `json:"conversations"` // in the scope
}

// TopicDetail is what a topic is like.
type TopicDetail struct {
	Topic
	Typical []TypicalQuestion `json:"typical"`
	Related []string          `json:"related"` // ids of the topics nearest to it
}

// TypicalQuestion is a conversation near the centre of a topic.
type TypicalQuestion struct {
	ConversationID string `json:"conversation_id"`
	Question       string `json:"question"` // the user's first message
	Answer         string `json:"answer"`   // the first answer
}

// TopicChange is what UpdateTopic changes; nil leaves a value.
type TopicChange struct {
	Name       *string `json:"name"` // "": the name found
	Pinned     *bool   `json:"pinned"`
	Excluded   *bool   `json:"excluded"`
	MergedInto *string `json:"merged_into"` // "": not merged
}

// TopicStatus is how far topics are.
type TopicStatus struct {
	Topics        int        `json:"topics"`
	Groups        int        `json:"groups"`
	FoundAt       *time.Time `json:"found_at"`
	Conversations int64      `json:"conversations"`
	Needed        int64      `json:"needed"`
	Read          int64      `json:"read"`
	Used          int64      `json:"used"`
	TookMS        int64      `json:"took_ms"`
	Finding       *float64   `json:"finding"`
	Waiting       int64      `json:"waiting"`
	Rewriting     bool       `json:"rewriting"`
}

// counted fills in how many conversations of a scope each topic has.
func (s *server) counted(ctx context.Context, scope insight.Scope, all []Topic) error {
	facets, err := s.Insight.Facets(ctx, scope, []string{"topic"}, 1000)
	if err != nil {
		return err
	}
	n := map[string]int64{}
	for _, f := range facets {
		for _, v := range f.Values {
			if v.Value != nil {
				n[*v.Value] = v.Count
			}
		}
	}
	for i := range all {
		all[i].Conversations = n[all[i].ID]
	}
	return nil
}

func (s *server) listTopics(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	return list(c, "topics", s.Topics, func(t Topics, ctx context.Context) ([]Topic, error) {
		all, err := t.Topics(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.counted(ctx, scope, all); err != nil {
			return nil, err
		}
		slices.SortStableFunc(all, func(a, b Topic) int { return int(b.Conversations - a.Conversations) })
		return all, nil
	})
}

func (s *server) getTopic(c *call) error {
	scope, err := s.scope(c)
	if err != nil {
		return err
	}
	return get(c, http.StatusOK, s.Topics, func(topics Topics, ctx context.Context) (TopicDetail, error) {
		t, err := topics.Topic(ctx, c.r.PathValue("id"))
		if err != nil {
			return TopicDetail{}, err
		}
		one := []Topic{t.Topic}
		if err := s.counted(ctx, scope, one); err != nil {
			return TopicDetail{}, err
		}
		t.Topic = one[0]
		return t, nil
	})
}

// changeTopic changes the topic that the path names, and answers it as it is then.
func (s *server) changeTopic(c *call, change TopicChange) error {
	return ask(c, http.StatusOK, s.Topics, func(t Topics, ctx context.Context) (Topic, error) {
		id := c.r.PathValue("id")
		if err := t.UpdateTopic(ctx, id, change); err != nil {
			return Topic{}, err
		}
		all, err := t.Topics(ctx)
		if err != nil {
			return Topic{}, err
		}
		return find(all, "topic", id, func(t Topic) string { return t.ID })
	})
}

func (s *server) updateTopic(c *call) error {
	var body struct {
		Name     *string `json:"name"`
		Pinned   *bool   `json:"pinned"`
		Excluded *bool   `json:"excluded"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return s.changeTopic(c, TopicChange{Name: body.Name, Pinned: body.Pinned, Excluded: body.Excluded})
}

func (s *server) mergeTopic(c *call) error {
	var body struct {
		Into string `json:"into"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	return s.changeTopic(c, TopicChange{MergedInto: &body.Into})
}

func (s *server) topicStatus(c *call) error {
	return get(c, http.StatusOK, s.Topics, Topics.Status)
}

func (s *server) refitTopics(c *call) error {
	return get(c, http.StatusAccepted, s.Topics, func(t Topics, ctx context.Context) (TopicStatus, error) {
		if err := t.Refit(ctx); err != nil {
			return TopicStatus{}, err
		}
		return t.Status(ctx)
	})
}
