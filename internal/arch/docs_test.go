package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestPackagesAreDocumented(t *testing.T) {
	pkgs, _ := tree(t)
	for _, p := range pkgs {
		documented := false
		for _, f := range p.files {
			documented = documented || f.Doc != nil
		}
		if !documented {
			t.Errorf("%s has no package comment: say what it is, what it is not, who may import it", p.path)
		}
	}
}

func TestPackageNamesSayWhatIsInThem(t *testing.T) {
	banned := []string{"util", "utils", "common", "helper", "helpers", "base", "types", "model", "models", "core", "misc", "manager"}
	pkgs, _ := tree(t)
	for _, p := range pkgs {
		if slices.Contains(banned, p.base()) {
			t.Errorf("%s: a package is named after what it is, not %q", p.path, p.base())
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	pkgs, fset := tree(t)
	for _, p := range pkgs {
		for _, f := range p.files {
			for _, d := range f.Decls {
				for _, name := range undocumented(d) {
					t.Errorf("%s: exported %s has no comment", fset.Position(d.Pos()), name)
				}
			}
		}
	}
}

// undocumented lists the exported names that a declaration leaves without a comment. A comment of a
// group covers its constants and variables, a comment at the end of a line covers that line.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && receiverExported(d) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var out []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					out = append(out, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						out = append(out, n.Name)
					}
				}
			}
		}
		return out
	}
	return nil
}

// receiverExported reports whether a function is one, or a method of an exported type.
func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func TestNoInitFunctions(t *testing.T) {
	pkgs, fset := tree(t)
	for _, p := range pkgs {
		for _, f := range p.files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: init function; registries are values that package app builds", fset.Position(fn.Pos()))
				}
			}
		}
	}
}

// SQL text lives in the folder of an engine, in the stores that are SQLite files and in destinations that are
// databases, nowhere else.
func TestSQLStaysInEngines(t *testing.T) {
	at := []string{"internal/eventstore/duckstore", "internal/metastore", "internal/profilestore", "internal/destination/postgres", "internal/destination/clickhouse", "bench"}
	verbs := []string{"SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE "}
	pkgs, fset := tree(t)
	for _, p := range pkgs {
		if slices.ContainsFunc(at, func(dir string) bool { return p.path == dir || strings.HasPrefix(p.path, dir+"/") }) {
			continue
		}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if ok && lit.Kind == token.STRING && slices.ContainsFunc(verbs, func(v string) bool { return strings.Contains(lit.Value, v) }) {
					t.Errorf("%s: SQL outside an engine: %.60s", fset.Position(lit.Pos()), lit.Value)
				}
				return true
			})
		}
	}
}
