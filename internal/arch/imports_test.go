package arch

import (
	"slices"
	"strings"
	"testing"
)

// mayImport is the table of docs/architecture.md: for each package (and the folders below it, unless
// they have a line of their own) the packages of ours that it may import. "*" is anything. What is
// not in the table fails, so that a new package takes its place knowingly.
var mayImport = map[string][]string{
	"cmd/debrief":                   {"internal/app", "internal/config", "internal/demo", "internal/enrich/task", "internal/plan", "internal/plan/gen", "internal/send", "internal/truth"},
	"internal/app":                  {"*"},
	"internal/arch":                 {},
	"internal/config":               {},
	"internal/event":                {},
	"internal/jsonscan":             {},
	"internal/enrich":               {"internal/event", "internal/evaldata"},
	"internal/signal":               {"internal/enrich", "internal/event"},
	"internal/query":                {"internal/event"},
	"internal/stats":                {},
	"internal/enrich/pii":           {},
	"internal/redact":               {"internal/enrich/pii", "internal/event", "internal/jsonscan"},
	"internal/price":                {"internal/event"},
	"internal/trace":                {"internal/event"},
	"internal/link":                 {"internal/event"},
	"internal/withdraw":             {"internal/event"},
	"internal/vocab":                {"internal/event", "internal/jsonscan", "internal/trace"},
	"internal/eventlog":             {},
	"internal/eventlog/memlog":      {"internal/eventlog"},
	"internal/eventlog/filelog":     {"internal/eventlog"},
	"internal/eventlog/logtest":     {"internal/eventlog"},
	"internal/eventstore":           {"internal/event", "internal/query"},
	"internal/eventstore/memstore":  {"internal/event", "internal/query", "internal/eventstore"},
	"internal/eventstore/duckstore": {"internal/event", "internal/query", "internal/eventstore"},
	"internal/eventstore/storetest": {"internal/event", "internal/query", "internal/eventstore", "internal/evaldata"},
	"internal/plan":                 {"internal/event", "internal/jsonscan"},
	"internal/sqlite":               {},
	"internal/metastore":            {"internal/event", "internal/sqlite"},
	"internal/auth":                 {"internal/metastore"},
	"internal/ingest":               {"internal/event", "internal/eventlog", "internal/jsonscan", "internal/redact", "internal/vocab"},
	"internal/pipeline":             {"internal/event", "internal/eventlog", "internal/eventstore", "internal/plan", "internal/vocab"},
	"internal/due":                  {},
	"internal/derive":               {"internal/due", "internal/event", "internal/eventstore", "internal/link", "internal/query", "internal/trace", "internal/withdraw"},
	"internal/topic":                {"internal/due", "internal/enrich/topics", "internal/event", "internal/eventstore", "internal/query"},
	"internal/analysis":             {"internal/due", "internal/enrich", "internal/enrich/linear", "internal/enrich/linear/fit", "internal/event", "internal/eventstore", "internal/query", "internal/signal"},
	"internal/replay":               {"internal/event", "internal/eventlog", "internal/metastore"},
	"internal/trait":                {"internal/query"},
	"internal/audience":             {"internal/query", "internal/trait"},
	"internal/compute":              {"internal/audience", "internal/due", "internal/event", "internal/eventlog", "internal/eventstore", "internal/metastore", "internal/people", "internal/profilestore", "internal/query", "internal/trait"},
	"internal/destination":          {"internal/event"},
	"internal/identity":             {},
	"internal/journey":              {"internal/api", "internal/deliver", "internal/event", "internal/eventlog", "internal/eventstore", "internal/insight", "internal/metastore", "internal/plan", "internal/query", "internal/vocab"},
	"internal/destination/function": {"internal/destination"},
	"internal/destination/mapping":  {},
	"internal/secret":               {},
	"internal/deliver":              {"internal/destination", "internal/destination/mapping", "internal/event", "internal/eventlog", "internal/eventstore", "internal/jsonscan", "internal/metastore", "internal/plan", "internal/query", "internal/vocab"},
	"internal/profilestore":         {"internal/identity", "internal/sqlite"},
	"internal/people":               {"internal/due", "internal/event", "internal/eventstore", "internal/identity", "internal/profilestore", "internal/query"},
	"internal/function":             {"internal/api", "internal/destination", "internal/metastore"},
	"internal/function/js":          {"internal/outbound"},
	"internal/outbound":             {},
	"internal/profile":              {"internal/enrich/injection", "internal/enrich/linear", "internal/enrich/words", "internal/event", "internal/eventstore", "internal/identity", "internal/insight", "internal/profilestore", "internal/query", "internal/redact", "internal/signal"},
	"internal/profile/profileapi":   {"internal/event", "internal/eventstore", "internal/identity", "internal/ingest", "internal/profile", "internal/query"},
	"internal/metric":               {"internal/event", "internal/query"},
	"internal/insight":              {"internal/event", "internal/query", "internal/metric", "internal/eventstore", "internal/stats"},
	"internal/api":                  {"internal/event", "internal/identity", "internal/plan", "internal/query", "internal/metric", "internal/insight", "internal/eventstore", "internal/audience", "internal/stats", "internal/trait"},
	"internal/web":                  {"internal/auth"},
	"internal/demo":                 {},
	"internal/send":                 {},
	"internal/truth":                {},
	"internal/evaldata":             {},
	"ui":                            {},
	"sdk/browser":                   {},
	"bench":                         {"*"},
}

// An implementation of a seam is imported by app alone, and by programs that measure it.
var implementations = []string{"internal/eventlog/memlog", "internal/eventlog/filelog", "internal/eventstore/memstore", "internal/eventstore/duckstore",
	"internal/destination/webhook", "internal/destination/segment", "internal/destination/mixpanel", "internal/destination/amplitude", "internal/destination/slack", "internal/destination/function",
	"internal/destination/postgres", "internal/destination/objects", "internal/destination/clickhouse"}

// rule finds the line of the table for a package: its own or that of the nearest folder above.
func rule(path string) (owner string, allowed []string, ok bool) {
	for dir := path; ; {
		if allowed, ok := mayImport[dir]; ok {
			return dir, allowed, true
		}
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			return "", nil, false
		}
		dir = dir[:i]
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	pkgs, _ := tree(t)
	for _, p := range pkgs {
		owner, allowed, ok := rule(p.path)
		if !ok {
			t.Errorf("%s is not in the table of imports; decide its place and add it", p.path)
			continue
		}
		for imp := range p.imports {
			within := imp == owner || strings.HasPrefix(imp, owner+"/")
			listed := slices.ContainsFunc(allowed, func(a string) bool {
				return a == "*" || imp == a
			})
			if !within && !listed {
				t.Errorf("%s imports %s, which the table does not allow", p.path, imp)
			}
		}
	}
}

func TestOnlyAppImportsImplementations(t *testing.T) {
	pkgs, _ := tree(t)
	for _, p := range pkgs {
		if p.path == "internal/app" || p.path == "bench" || strings.HasPrefix(p.path, "bench/") {
			continue
		}
		for _, impl := range implementations {
			if p.imports[impl] && !strings.HasPrefix(p.path, impl) {
				t.Errorf("%s imports the implementation %s; only app does", p.path, impl)
			}
		}
	}
}

func TestTableHasNoDeadLines(t *testing.T) {
	pkgs, _ := tree(t)
	for path := range mayImport {
		if _, ok := pkgs[path]; !ok {
			t.Errorf("the table of imports names %s, which does not exist", path)
		}
	}
}
