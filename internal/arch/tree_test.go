package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/debrief-dev/debrief/"

// pkg is one package of the repository, without its tests.
type pkg struct {
	path    string // below the module: "internal/event"
	files   map[string]*ast.File
	imports map[string]bool // of ours, below the module
}

// tree parses every package of the repository.
func tree(t *testing.T) (map[string]*pkg, *token.FileSet) {
	t.Helper()
	fset := token.NewFileSet()
	pkgs := map[string]*pkg{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case "node_modules", "testdata", ".git", "bin", "data":
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		p := pkgs[filepath.ToSlash(rel)]
		if p == nil {
			p = &pkg{path: filepath.ToSlash(rel), files: map[string]*ast.File{}, imports: map[string]bool{}}
			pkgs[p.path] = p
		}
		p.files[file] = f
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if ours, ok := strings.CutPrefix(name, modulePath); ok {
				p.imports[ours] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 5 {
		t.Fatalf("found %d packages; the walk has lost its way", len(pkgs))
	}
	return pkgs, fset
}

// base is the last element of a package's path.
func (p *pkg) base() string { return path.Base(p.path) }
