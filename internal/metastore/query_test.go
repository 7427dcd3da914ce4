package metastore

import (
	"errors"
	"strings"
	"testing"
)

func TestQueries(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	made, err := s.CreateQuery(ctx, DefaultWorkspace, Query{Name: "By day", SQL: "SELECT 1", Chart: "line", Author: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateQuery(ctx, DefaultWorkspace, Query{Name: "By day", SQL: "SELECT 2", Chart: "bar"}); !errors.Is(err, ErrExists) {
		t.Errorf("a name that is taken: %v, want ErrExists", err)
	}
	made.SQL, made.Chart = "SELECT 3", "table"
	put, err := s.PutQuery(ctx, DefaultWorkspace, made)
	if err != nil || put.SQL != "SELECT 3" || put.Chart != "table" || put.Author != "Ada" || put.CreatedAt != made.CreatedAt {
		t.Errorf("put: %+v (%v)", put, err)
	}
	for _, bad := range []Query{
		{Name: "", SQL: "SELECT 1", Chart: "line"}, {Name: "x", SQL: " ", Chart: "line"}, {Name: "x", SQL: "SELECT 1", Chart: "pie"},
		{Name: "x", SQL: strings.Repeat("x", MaxQuerySQL+1), Chart: "line"}, {Name: "x", SQL: "\x00", Chart: "line"},
	} {
		if _, err := s.CreateQuery(ctx, DefaultWorkspace, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.40q: %v, want ErrInvalid", bad.SQL, err)
		}
	}
	if all, err := s.Queries(ctx, "other"); err != nil || len(all) != 0 {
		t.Errorf("another workspace has %v (%v)", all, err)
	}
	if err := s.DeleteQuery(ctx, DefaultWorkspace, made.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteQuery(ctx, DefaultWorkspace, made.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted again: %v, want ErrNotFound", err)
	}
}

func TestAuditOfSQLIsBounded(t *testing.T) {
	s, _ := open(t)
	ctx := WithActor(t.Context(), "member:m1")
	if err := s.AuditSQL(ctx, DefaultWorkspace, "SELECT 'ü"+strings.Repeat("ü", auditedSQL)); err != nil {
		t.Fatal(err)
	}
	log, err := s.Audit(ctx, 1)
	if err != nil || len(log) != 1 || log[0].Action != "sql.run" || log[0].Actor != "member:m1" || len(log[0].Detail) > auditedSQL+4 || !strings.HasPrefix(log[0].Detail, "SELECT 'ü") {
		t.Fatalf("audit log: %+v (%v)", log, err)
	}
	if _, err := s.db.ExecContext(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO audit (at, actor, action, subject, detail) SELECT i, 'x', 'sql.run', 'w', 'SELECT 1' FROM n`, auditedSQLCount+10); err != nil {
		t.Fatal(err)
	}
	if err := s.AuditSQL(ctx, DefaultWorkspace, "SELECT 'last'"); err != nil {
		t.Fatal(err)
	}
	log, err = s.Audit(ctx, 2*auditedSQLCount)
	if err != nil || len(log) != auditedSQLCount || log[0].Detail != "SELECT 'last'" {
		t.Errorf("%d entries are left (%v), want %d", len(log), err, auditedSQLCount)
	}
}
