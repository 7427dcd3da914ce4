package metastore

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func newFunction(name string) Function {
	return Function{Name: name, Kind: "insert", Plain: json.RawMessage(`{}`), Latest: FunctionVersion{Code: "function onTrack(e) { return e }", Settings: json.RawMessage(`[]`), Author: "Ada"}}
}

func TestFunctionsKeepEverySaveAsAVersion(t *testing.T) {
	ctx := t.Context()
	s, _ := open(t)
	f, err := s.CreateFunction(ctx, DefaultWorkspace, newFunction("a"))
	if err != nil || f.Latest.Version != 1 || f.Deployed != 0 || len(f.ID) < 20 {
		t.Fatalf("got %+v, %v", f, err)
	}
	for i := 2; i <= 3; i++ {
		v := FunctionVersion{Code: fmt.Sprintf("// %d", i), Settings: json.RawMessage(`[]`)}
		if f, err = s.UpdateFunction(ctx, DefaultWorkspace, f.ID, FunctionChange{Version: &v}); err != nil || f.Latest.Version != i || f.Latest.Code != v.Code {
			t.Fatalf("got %+v, %v", f, err)
		}
	}
	newest, second, gone := -1, 2, 9
	if f, err = s.UpdateFunction(ctx, DefaultWorkspace, f.ID, FunctionChange{Deploy: &newest}); err != nil || f.Deployed != 3 {
		t.Errorf("deploy the newest: %d, %v", f.Deployed, err)
	}
	if f, err = s.UpdateFunction(ctx, DefaultWorkspace, f.ID, FunctionChange{Deploy: &second}); err != nil || f.Deployed != 2 {
		t.Errorf("deploy an older one: %d, %v", f.Deployed, err)
	}
	if _, err := s.UpdateFunction(ctx, DefaultWorkspace, f.ID, FunctionChange{Deploy: &gone}); !errors.Is(err, ErrNotFound) {
		t.Errorf("deploy what is not there: %v", err)
	}
	for range MaxFunctionVersions + 5 {
		v := FunctionVersion{Code: "x", Settings: json.RawMessage(`[]`)}
		if _, err := s.UpdateFunction(ctx, DefaultWorkspace, f.ID, FunctionChange{Version: &v}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.FunctionVersions(ctx, DefaultWorkspace, f.ID)
	if err != nil || len(all) != MaxFunctionVersions+1 || all[len(all)-1].Version != 2 {
		t.Errorf("%d versions are kept, %v; want the newest %d and the deployed one", len(all), err, MaxFunctionVersions)
	}
}

func TestFunctionsRefuseWhatMakesNoSense(t *testing.T) {
	ctx := t.Context()
	s, _ := open(t)
	f := func(change func(*Function), want error) {
		t.Helper()
		one := newFunction("b")
		change(&one)
		if _, err := s.CreateFunction(ctx, DefaultWorkspace, one); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	f(func(f *Function) { f.Name = "" }, ErrInvalid)
	f(func(f *Function) { f.Kind = "other" }, ErrInvalid)
	f(func(f *Function) { f.Source = "src" }, ErrInvalid)
	f(func(f *Function) { f.Kind = "source" }, ErrInvalid)
	f(func(f *Function) { f.Kind, f.Source = "source", "unknown" }, ErrNotFound)
	f(func(f *Function) { f.Latest.Code = " " }, ErrInvalid)
	f(func(f *Function) { f.Latest.Code = strings.Repeat("x", MaxFunctionCode+1) }, ErrInvalid)
	f(func(*Function) {}, nil)
	f(func(*Function) {}, ErrExists)
}

func TestFunctionLogsAreBounded(t *testing.T) {
	ctx := t.Context()
	s, _ := open(t)
	f, err := s.CreateFunction(ctx, DefaultWorkspace, newFunction("a"))
	if err != nil {
		t.Fatal(err)
	}
	var logs []FunctionLog
	for i := range MaxFunctionLogs + 20 {
		logs = append(logs, FunctionLog{Function: f.ID, Version: 1, At: time.Unix(int64(i), 0), Calls: 1, Failed: i % 2, Took: time.Second})
	}
	logs = append(logs, FunctionLog{Function: "gone"})
	if err := s.AddFunctionLogs(ctx, logs); err != nil {
		t.Fatal(err)
	}
	all, err := s.FunctionLogs(ctx, DefaultWorkspace, f.ID, false, 2*MaxFunctionLogs)
	if err != nil || len(all) != MaxFunctionLogs || all[0].At.Unix() != MaxFunctionLogs+19 || all[0].Took != time.Second {
		t.Errorf("%d logs are kept, %v", len(all), err)
	}
	if all, err = s.FunctionLogs(ctx, DefaultWorkspace, f.ID, true, 5); err != nil || len(all) != 5 || all[4].Failed != 1 {
		t.Errorf("failures: %+v, %v", all, err)
	}
	if err := s.DeleteFunction(ctx, DefaultWorkspace, f.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FunctionLogs(ctx, DefaultWorkspace, f.ID, false, 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
