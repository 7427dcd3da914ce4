package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/debrief-dev/debrief/internal/destination"
)

// directory keeps files on this machine. Everything happens below the root, also where there are symbolic
// links.
type directory struct {
	root string                 // that the operator allows
	path string                 // below it; "" for the instance's own directory
	own  func() (string, error) // the instance's own
}

// ownFiles is the folder within the instance's own directory.
const ownFiles = "files"

// open opens the directory, which it makes if there is none.
func (d *directory) open() (*os.Root, error) {
	root, under := d.root, d.path
	if d.path == "" {
		own, err := d.own()
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(own, 0o700); err != nil {
			return nil, err
		}
		root, under = own, ownFiles
	}
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = top.Close() }()
	if err := top.MkdirAll(under, 0o755); err != nil {
		return nil, err
	}
	return top.OpenRoot(under)
}

// put implements store: the file is written beside its place, and is on disk before it stands there.
func (d *directory) put(ctx context.Context, name string, content []byte) destination.Result {
	if err := ended(ctx); err != nil {
		return destination.Result{Err: err}
	}
	return destination.Result{Err: judge(d.write(name, content))}
}

func (d *directory) write(name string, content []byte) error {
	root, err := d.open()
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	beside := path.Join(path.Dir(name), "."+path.Base(name)+".part")
	if err := writeSynced(root, beside, content); err != nil {
		_ = root.Remove(beside)
		return err
	}
	if err := root.Rename(beside, name); err != nil {
		return err
	}
	return syncDir(root, path.Dir(name))
}

func writeSynced(root *os.Root, name string, content []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// test implements store.
func (d *directory) test(context.Context) error {
	if err := d.write(testName, nil); err != nil {
		return judge(err)
	}
	root, err := d.open()
	if err != nil {
		return judge(err)
	}
	defer func() { _ = root.Close() }()
	return judge(root.Remove(testName))
}

// judge says of an error that the directory is at fault: full, not there, not ours. It names no path of the
// server.
func judge(err error) error {
	if err == nil {
		return nil
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return fmt.Errorf("the directory cannot be written: %s: %w", strings.TrimSpace(err.Error()), destination.ErrUnavailable)
}
