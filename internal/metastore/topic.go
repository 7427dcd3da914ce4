package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/debrief-dev/debrief/internal/sqlite"
)

// Topic is what people decided of one topic. It stays when topics are found anew.
type Topic struct {
	ID         string
	Name       string // "": the name found
	Pinned     bool   // stays, also if it is not found again
	Excluded   bool   // its conversations have no topic of their own
	MergedInto string // id of the topic that its conversations belong to; "": its own
	UpdatedAt  time.Time
}

const topicColumns = `id, name, pinned, excluded, merged_into, updated_at`

func scanTopic(r sqlite.Scanner) (Topic, error) {
	var t Topic
	err := r.Scan(&t.ID, &t.Name, &t.Pinned, &t.Excluded, &t.MergedInto, sqlite.Time(&t.UpdatedAt))
	return t, err
}

// Topics returns those of a workspace that people decided something of, by id.
func (s *Store) Topics(ctx context.Context, workspace string) ([]Topic, error) {
	return sqlite.List(ctx, s.db, "list decisions on topics", scanTopic, `SELECT `+topicColumns+` FROM topics WHERE workspace = ? ORDER BY id`, workspace)
}

// PutTopics stores what was decided of topics, all or nothing; one that says nothing is removed.
func (s *Store) PutTopics(ctx context.Context, workspace string, topics []Topic) error {
	for _, t := range topics {
		if t.ID == "" {
			return fmt.Errorf("%w: topic has no id", ErrInvalid)
		}
		if t.Name != "" {
			if err := checkText("topic name", t.Name, 1); err != nil {
				return err
			}
		}
	}
	return s.db.Change(ctx, func(tx *sql.Tx) error {
		for _, t := range topics {
			var err error
			if t.Name == "" && !t.Pinned && !t.Excluded && t.MergedInto == "" {
				_, err = tx.ExecContext(ctx, `DELETE FROM topics WHERE workspace = ? AND id = ?`, workspace, t.ID)
			} else {
				_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO topics (workspace, `+topicColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`,
					workspace, t.ID, t.Name, t.Pinned, t.Excluded, t.MergedInto, s.now().UnixMicro())
			}
			if err != nil {
				return fmt.Errorf("store decision on topic %s: %w", t.ID, err)
			}
			if err := s.audit(ctx, tx, "topic.put", t.ID, t.Name); err != nil {
				return err
			}
		}
		return nil
	})
}
