package function

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// TestFunction implements api.Functions. Secrets that are not given are those of the function, which so need not
// be known to try it.
func (f *Functions) TestFunction(ctx context.Context, t api.FunctionTest) (api.FunctionTestResult, error) {
	job, kind, err := f.draft(ctx, &t)
	if err != nil {
		return api.FunctionTestResult{}, err
	}
	if (kind == Source) != (t.Request != nil) {
		return api.FunctionTestResult{}, fmt.Errorf("%w: a source function is tried with a request, others with calls", api.ErrInvalid)
	}
	if t.Request != nil {
		job.Request = requestOf(t.Request)
	} else if job.Calls = t.Calls; t.Recent > 0 {
		if job.Calls, err = f.cfg.Recent(ctx, t.Recent, t.Type); err != nil {
			return api.FunctionTestResult{}, err
		}
	}
	job.Insert = kind == Insert
	out := api.FunctionTestResult{Results: []api.FunctionResult{}, Emitted: []json.RawMessage{}}
	if len(job.Calls) == 0 && job.Request == nil {
		return out, nil // there are no recent calls
	}
	report, err := f.cfg.Engine.Run(ctx, job)
	if err != nil {
		return api.FunctionTestResult{}, err
	}
	out.Emitted = append(out.Emitted, report.Emitted...)
	out.Console, out.Fetches, out.TookMS = report.Console, report.Fetches, report.Took.Milliseconds()
	for i, r := range report.Results {
		one := api.FunctionResult{Outcome: "passed", Out: r.Call}
		if i < len(job.Calls) {
			one.In = job.Calls[i]
		}
		if e := r.Err; e != nil {
			one.Error, one.Message, one.Stack, one.Outcome = e.Name, e.Message, e.Stack, "failed"
			if e.Name == dropped {
				one.Outcome = "dropped"
			} else if e.Retry() {
				one.Outcome = "retry"
			}
		}
		out.Results = append(out.Results, one)
	}
	return out, nil
}

// draft makes what is tried of what is given and what is stored.
func (f *Functions) draft(ctx context.Context, t *api.FunctionTest) (js.Job, string, error) {
	kind, code, stored, fm := t.Kind, or(t.Code, ""), values{}, form(or(t.Settings, nil))
	if t.Function != "" {
		one, err := f.cfg.Meta.Function(ctx, f.cfg.Workspace, t.Function)
		if err != nil {
			return js.Job{}, "", translated(err)
		}
		kind, code = one.Kind, or(t.Code, one.Latest.Code)
		if t.Settings == nil {
			if fm, err = parseForm(one.Latest.Settings); err != nil {
				return js.Job{}, "", err
			}
		}
		if stored, err = f.settings(&one); err != nil {
			return js.Job{}, "", err
		}
	}
	if !slices.Contains(metastore.FunctionKinds, kind) || strings.TrimSpace(code) == "" || len(code) > metastore.MaxFunctionCode {
		return js.Job{}, "", fmt.Errorf("%w: give a function, or kind and code (at most %d bytes)", api.ErrInvalid, metastore.MaxFunctionCode)
	}
	if err := fm.check(); err != nil {
		return js.Job{}, "", err
	}
	all, err := fm.with(stored, t.Values)
	if err != nil {
		return js.Job{}, "", err
	}
	job, err := fm.job(code, all)
	job.Cache = &js.Cache{}
	return job, kind, err
}

func requestOf(r *api.FunctionRequest) *js.Request {
	out := &js.Request{Method: r.Method, URL: "https://debrief.example" + Path + "test", Body: r.Body}
	if out.Method == "" {
		out.Method = "POST"
	}
	if r.Query != "" {
		out.URL += "?" + r.Query
	}
	for name, v := range r.Headers {
		out.Headers = append(out.Headers, [2]string{name, v})
	}
	return out
}
