package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Functions are code that people write to make, change or deliver calls.
type Functions interface {
	// Functions returns all by name, without code.
	Functions(ctx context.Context) ([]Function, error)
	// Function returns one, or ErrNotFound.
	Function(ctx context.Context, id string) (Function, error)
	// CreateFunction checks and adds one, not deployed; ErrInvalid, ErrConflict when the name is taken.
	CreateFunction(ctx context.Context, author string, c FunctionChange) (Function, error)
	// UpdateFunction changes what is given; a change of code or form is a new version.
	UpdateFunction(ctx context.Context, author, id string, c FunctionChange) (Function, error)
	DeleteFunction(ctx context.Context, id string) error
	// DeployFunction makes a version the one that runs: 0 none, -1 the newest.
	DeployFunction(ctx context.Context, id string, version int) (Function, error)
	// FunctionVersions returns those that are kept, the newest first, without code.
	FunctionVersions(ctx context.Context, id string) ([]FunctionVersion, error)
	FunctionVersion(ctx context.Context, id string, version int) (FunctionVersion, error)
	// RestoreFunction saves a version once more, as the newest.
	RestoreFunction(ctx context.Context, author, id string, version int) (Function, error)
	// FunctionLogs returns the newest runs first.
	FunctionLogs(ctx context.Context, id string, failed bool, limit int) ([]FunctionLog, error)
	// TestFunction runs code without effect but what it fetches.
	TestFunction(ctx context.Context, t FunctionTest) (FunctionTestResult, error)
}

// Function is one, in its newest version.
type Function struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Kind     string            `json:"kind"`
	Source   string            `json:"source,omitempty"` // of a source function
	Path     string            `json:"path,omitempty"`   // that a source function is posted to
	Version  int               `json:"version"`
	Deployed int               `json:"deployed"` // 0: none
	Code     string            `json:"code,omitempty"`
	Note     string            `json:"note,omitempty"`
	Settings []FunctionSetting `json:"settings"`

	Author    string    `json:"author"` // of the newest version
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// FunctionSetting is a field of the form of a function's settings, with its value.
type FunctionSetting struct {
	Name        string `json:"name"` // by which the code reads it
	Label       string `json:"label,omitempty"`
	Description string `json:"description,omitempty"`
	Type        string `json:"type"` // string, boolean, array, text_map
	Required    bool   `json:"required,omitempty"`
	Sensitive   bool   `json:"sensitive,omitempty"` // encrypted, and never shown again
	// Set says that there is a value, Value what it is unless it is sensitive.
	Set   bool            `json:"set"`
	Value json.RawMessage `json:"value,omitempty"`
}

// FunctionChange is what is saved of a function; what is nil stays as it is.
type FunctionChange struct {
	Name     *string            `json:"name"`
	Kind     *string            `json:"kind"`   // of a new one only
	Source   *string            `json:"source"` // of a new one only
	Code     *string            `json:"code"`
	Note     *string            `json:"note"`
	Settings *[]FunctionSetting `json:"settings"` // the form
	// Values are those of settings by name; null removes one, and those not named stay.
	Values map[string]json.RawMessage `json:"values"`
}

// FunctionVersion is one save.
type FunctionVersion struct {
	Version   int               `json:"version"`
	Deployed  bool              `json:"deployed"`
	Code      string            `json:"code,omitempty"`
	Note      string            `json:"note,omitempty"`
	Settings  []FunctionSetting `json:"settings"`
	Author    string            `json:"author"`
	CreatedAt time.Time         `json:"created_at"`
}

// FunctionLog is how a run went.
type FunctionLog struct {
	ID      int64     `json:"id"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Calls   int       `json:"calls"`
	Passed  int       `json:"passed"`
	Dropped int       `json:"dropped"`
	Failed  int       `json:"failed"`
	Error   string    `json:"error,omitempty"`
	Message string    `json:"message,omitempty"`
	Stack   string    `json:"stack,omitempty"`
	EventID string    `json:"event_id,omitempty"`
	Console string    `json:"console,omitempty"`
	TookMS  int64     `json:"took_ms"`
}

// FunctionTest is what is tried. What is not given is that of the function.
type FunctionTest struct {
	Function string                     `json:"function"`
	Kind     string                     `json:"kind"`
	Code     *string                    `json:"code"`
	Settings *[]FunctionSetting         `json:"settings"`
	Values   map[string]json.RawMessage `json:"values"`
	// Exactly one of these: calls as Segment writes them, how many of the newest stored ones, or a request.
	Calls   []json.RawMessage `json:"calls"`
	Recent  int               `json:"recent"`
	Type    string            `json:"type"` // of recent ones; "": any
	Request *FunctionRequest  `json:"request"`
}

// FunctionRequest is what comes to a source function.
type FunctionRequest struct {
	Method  string            `json:"method"` // "": POST
	Query   string            `json:"query"`  // without "?"
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// FunctionTestResult is what came of a test.
type FunctionTestResult struct {
	Results []FunctionResult  `json:"results"`
	Emitted []json.RawMessage `json:"emitted"` // by a source function
	Console string            `json:"console"`
	Fetches int               `json:"fetches"`
	TookMS  int64             `json:"took_ms"`
}

// FunctionResult is what became of one call.
type FunctionResult struct {
	In      json.RawMessage `json:"in,omitempty"`
	Out     json.RawMessage `json:"out,omitempty"` // of an insert function
	Outcome string          `json:"outcome"`       // passed, dropped, retry, failed
	Error   string          `json:"error,omitempty"`
	Message string          `json:"message,omitempty"`
	Stack   string          `json:"stack,omitempty"`
}

// maxFunctionBody bounds what is sent of a function: its code is at most 100 KiB, and tests have calls beside it.
const maxFunctionBody = 2 << 20

func (s *server) listFunctions(c *call) error {
	return list(c, "functions", s.Functions, Functions.Functions)
}

func (s *server) getFunction(c *call) error {
	return get(c, http.StatusOK, s.Functions, func(f Functions, ctx context.Context) (Function, error) {
		return f.Function(ctx, c.r.PathValue("id"))
	})
}

// changeFunction reads what is saved, and who saves it.
func (s *server) changeFunction(c *call) (change FunctionChange, author string, err error) {
	if err = c.done(); err == nil {
		err = c.bodyUpTo(&change, maxFunctionBody)
	}
	if err == nil {
		author, err = s.author(c)
	}
	return change, author, err
}

func (s *server) createFunction(c *call) error {
	change, author, err := s.changeFunction(c)
	if err != nil {
		return err
	}
	return ask(c, http.StatusCreated, s.Functions, func(f Functions, ctx context.Context) (Function, error) {
		return f.CreateFunction(ctx, author, change)
	})
}

func (s *server) updateFunction(c *call) error {
	change, author, err := s.changeFunction(c)
	if err != nil {
		return err
	}
	if change.Kind != nil || change.Source != nil {
		return &bodyError{"kind and source of a function do not change"}
	}
	return ask(c, http.StatusOK, s.Functions, func(f Functions, ctx context.Context) (Function, error) {
		return f.UpdateFunction(ctx, author, c.r.PathValue("id"), change)
	})
}

func (s *server) deleteFunction(c *call) error {
	return remove(c, s.Functions, Functions.DeleteFunction, c.r.PathValue("id"))
}

func (s *server) deployFunction(c *call) error {
	var body struct {
		Version *int `json:"version"`
	}
	if err := c.bodyAlone(&body, false); err != nil {
		return err
	}
	version := -1
	if body.Version != nil {
		if version = *body.Version; version < 0 {
			return &bodyError{"version is that of a save, or 0 to run none"}
		}
	}
	return ask(c, http.StatusOK, s.Functions, func(f Functions, ctx context.Context) (Function, error) {
		return f.DeployFunction(ctx, c.r.PathValue("id"), version)
	})
}

func (s *server) listFunctionVersions(c *call) error {
	return list(c, "versions", s.Functions, func(f Functions, ctx context.Context) ([]FunctionVersion, error) {
		return f.FunctionVersions(ctx, c.r.PathValue("id"))
	})
}

// functionVersion reads the version of the path; one that is no number is not there.
func functionVersion(c *call) (int, error) {
	v, err := strconv.Atoi(c.r.PathValue("version"))
	if err != nil || v < 1 {
		return 0, ErrNotFound
	}
	return v, nil
}

func (s *server) getFunctionVersion(c *call) error {
	return get(c, http.StatusOK, s.Functions, func(f Functions, ctx context.Context) (FunctionVersion, error) {
		v, err := functionVersion(c)
		if err != nil {
			return FunctionVersion{}, err
		}
		return f.FunctionVersion(ctx, c.r.PathValue("id"), v)
	})
}

func (s *server) restoreFunction(c *call) error {
	author, err := s.author(c)
	if err != nil {
		return err
	}
	return get(c, http.StatusOK, s.Functions, func(f Functions, ctx context.Context) (Function, error) {
		v, err := functionVersion(c)
		if err != nil {
			return Function{}, err
		}
		return f.RestoreFunction(ctx, author, c.r.PathValue("id"), v)
	})
}

func (s *server) listFunctionLogs(c *call) error {
	failed, limit := c.flag("failed", false), c.number("limit", 50, 1000)
	return list(c, "logs", s.Functions, func(f Functions, ctx context.Context) ([]FunctionLog, error) {
		return f.FunctionLogs(ctx, c.r.PathValue("id"), failed, limit)
	})
}

func (s *server) testFunction(c *call) error {
	var t FunctionTest
	if err := c.done(); err != nil {
		return err
	}
	if err := c.bodyUpTo(&t, maxFunctionBody); err != nil {
		return err
	}
	given := []bool{len(t.Calls) > 0, t.Recent > 0, t.Request != nil}
	if slices.Index(given, true) < 0 || len(t.Calls) > 100 || t.Recent < 0 || t.Recent > 100 {
		return &bodyError{"give calls (at most 100), recent (how many of the newest, at most 100), or a request"}
	}
	if t.Type != "" && !slices.Contains([]string{"track", "identify", "page", "screen", "group", "alias"}, t.Type) {
		return &bodyError{"type is track, identify, page, screen, group or alias"}
	}
	return ask(c, http.StatusOK, s.Functions, func(f Functions, ctx context.Context) (FunctionTestResult, error) {
		return f.TestFunction(ctx, t)
	})
}
