package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// debianBin is where Debian, Ubuntu and their like keep the server's programs.
const debianBin = "/usr/lib/postgresql/*/bin"

// locate returns the directory that holds both initdb and postgres. A $PGBIN
// that does not hold them is a mistake rather than a reason to look further.
func locate(getenv func(string) string) (string, error) {
	if err := canRun(); err != nil {
		return "", err
	}
	if dir := getenv("PGBIN"); dir != "" {
		if !holdsServer(dir) {
			return "", errors.New("$PGBIN holds no initdb and postgres")
		}
		return filepath.Abs(dir)
	}
	dirs := filepath.SplitList(getenv("PATH"))
	installed, _ := filepath.Glob(debianBin) // its only error is a bad pattern
	slices.SortFunc(installed, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range append(dirs, installed...) {
		if filepath.IsAbs(dir) && holdsServer(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("found no initdb and postgres in $PATH or %s; install PostgreSQL, or set $PGBIN, or set $%s to the URL of a server", debianBin, urlVariable)
}

// programBeside finds another of PostgreSQL's programs. What holds the server may
// be links to where all of them are.
func programBeside(bin, name string) (string, error) {
	dirs := []string{bin}
	if target, err := filepath.EvalSymlinks(filepath.Join(bin, "postgres")); err == nil {
		dirs = append(dirs, filepath.Dir(target))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name), nil
		}
	}
	return "", fmt.Errorf("found no %s beside postgres", name)
}

// version reads the major version from /usr/lib/postgresql/15/bin, so that 15
// is newer than 9.6.
func version(bin string) int {
	v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(bin)), 64)
	if err != nil {
		return 0
	}
	return int(v)
}

func holdsServer(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}
